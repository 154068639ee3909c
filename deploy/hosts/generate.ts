import { askServer, field, itemsIn, textIn } from './ask.ts';

/** How a call for one token went. */
export type Generation =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly evidence: string };

/** Loading a large model from a slow disk takes minutes. */
export const loadMs = 15 * 60_000;

/**
 * The smallest real call, on the way that all calls of the town go: the only proof that a model answers. Lists and
 * health pages stay green while a scheduler hangs or a runner is dead.
 */
export const generateOnce = async (
  { url, apiKey }: { readonly url: string; readonly apiKey: string | undefined },
  model: string,
  timeoutMs = loadMs,
): Promise<Generation> => {
  const started = performance.now();
  const body = { model, messages: [{ role: 'user', content: 'hi' }], max_tokens: 1, stream: true };
  const answer = await askServer({ url, path: '/v1/chat/completions', body, apiKey, timeoutMs });
  const ms = Math.round(performance.now() - started);
  if (answer.status === 200 && [answer.json, ...chunks(answer.body)].some(isEnd)) return { ok: true, ms };
  const got = answer.status === undefined ? answer.text : `status ${answer.status}\n${answer.text.trim()}`;
  return {
    ok: false,
    evidence: `POST ${url}/v1/chat/completions {"model":${JSON.stringify(model)}}: ${got}`,
  };
};

/** Some servers send a first empty piece before they begin, and one that crashes never says why it ended. */
const isEnd = (piece: unknown): boolean =>
  field(piece, 'error') === undefined &&
  itemsIn(piece, 'choices').some((choice) => textIn(choice, 'finish_reason') !== undefined);

/** The pieces of a stream, as far as they are whole. */
const chunks = (text: string): unknown[] =>
  text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line.replace(/^data:\s*/, '')) as unknown];
    } catch {
      return [];
    }
  });
