import {
  listedModels,
  makerOf,
  servingIn,
  studioModel,
  unknownMaker,
} from '../../workflows/domain/host/modelServer.ts';
import { field } from '../../workflows/domain/queue/foreign.ts';
import { type Answered, askServer } from './ask.ts';
import { isForVectors, type Look, type ServedModel } from './server.ts';

/** A server with an OpenAI-compatible API at this address, and what of it only llama.cpp or LM Studio tells. */
export const lookAtOpenAi = async (
  url: string,
  apiKey: string | undefined,
  timeoutMs: number,
): Promise<Look> => {
  const ask = (path: string) => askServer({ url, path, apiKey, timeoutMs });
  const answer = await ask('/v1/models');
  const evidence = evidenceOf(url, answer);
  if (answer.status === undefined) return { found: 'nothing', evidence };
  if (answer.status === 401 || answer.status === 403) return { found: 'locked', evidence };
  if (!Array.isArray(field(answer.json, 'data'))) {
    return answer.status === 503 ? { found: 'nothing', evidence } : { found: 'stranger', evidence };
  }
  const listed = listedModels(answer.json);
  const maker = makerOf(listed);
  const studio = maker === undefined ? (await ask('/api/v0/models')).json : undefined;
  // Only a server with one model can mean it by /props.
  const alone = maker === 'llama.cpp' && listed.length === 1;
  const { context: share, slots } = servingIn(alone ? (await ask('/props')).json : undefined);
  const models = listed.map(({ name, bytes, status, context, trained }): ServedModel => {
    const more = studioModel(studio, name);
    return {
      name,
      bytes,
      context: share ?? context ?? more?.context,
      trained: trained ?? more?.trained,
      loaded: status === undefined ? (more?.loaded ?? true) : status === 'loaded',
      writes: !isForVectors(name) && more?.writes !== false,
    };
  });
  const isStudio = listed.some(({ name }) => studioModel(studio, name) !== undefined);
  const software = maker ?? (isStudio ? 'LM Studio' : unknownMaker);
  return { found: 'server', server: { url, kind: 'openai', software, slots, models } };
};

const evidenceOf = (url: string, { status, text }: Answered): string =>
  `GET ${url}/v1/models: ${status === undefined ? text : `status ${status}\n${text.trim() || '(empty body)'}`}`;
