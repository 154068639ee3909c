import { type Answered, askServer, field, itemsIn, positiveIn, textIn } from './ask.ts';
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
  const listed = itemsIn(answer.json, 'data');
  const owner = textIn(listed[0], 'owned_by');
  const studio = owner === undefined || !makers.has(owner) ? await ask('/api/v0/models') : undefined;
  const described = new Map(itemsIn(studio?.json, 'data').map((entry) => [textIn(entry, 'id'), entry]));
  // Only a server with one model can mean it by /props.
  const props = owner === 'llamacpp' && listed.length === 1 ? (await ask('/props')).json : undefined;
  const share = positiveIn(field(props, 'default_generation_settings'), 'n_ctx');
  const models = listed.flatMap((entry): ServedModel[] => {
    const name = textIn(entry, 'id');
    if (name === undefined) return [];
    const more = described.get(name);
    const meta = field(entry, 'meta');
    const status = textIn(field(entry, 'status'), 'value') ?? textIn(more, 'state');
    return [
      {
        name,
        bytes: positiveIn(meta, 'size'),
        context:
          share ??
          positiveIn(meta, 'n_ctx') ??
          positiveIn(entry, 'max_model_len') ??
          positiveIn(more, 'loaded_context_length'),
        trained: positiveIn(meta, 'n_ctx_train') ?? positiveIn(more, 'max_context_length'),
        loaded: status === undefined || status === 'loaded',
        writes: !isForVectors(name) && textIn(more, 'type') !== 'embeddings',
      },
    ];
  });
  const software =
    described.size > 0 ? 'LM Studio' : (makers.get(owner ?? '') ?? 'a server with an OpenAI-compatible API');
  return {
    found: 'server',
    server: { url, kind: 'openai', software, slots: positiveIn(props, 'total_slots'), models },
  };
};

const makers: ReadonlyMap<string, string> = new Map([
  ['llamacpp', 'llama.cpp'],
  ['vllm', 'vLLM'],
  ['llama-swap', 'llama-swap'],
]);

const evidenceOf = (url: string, { status, text }: Answered): string =>
  `GET ${url}/v1/models: ${status === undefined ? text : `status ${status}\n${text.trim() || '(empty body)'}`}`;
