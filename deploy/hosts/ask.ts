import { parsedJson } from '../../workflows/domain/queue/foreign.ts';
import { patientFetch, readHead } from '../machine/patientFetch.ts';

/** What somebody wants to know of a server. */
export interface Question {
  /** Base URL of the server, without a path. */
  readonly url: string;
  readonly path: string;
  /** Sent as JSON by POST; without one it is a GET. */
  readonly body?: object;
  readonly apiKey: string | undefined;
  /** The whole request, ms. */
  readonly timeoutMs: number;
}

/** An answer, or why there was none. */
export interface Answered {
  /** Undefined: nobody answered. */
  readonly status: number | undefined;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
  /** The body, or the error, cut to what evidence needs. */
  readonly text: string;
}

/** Lists of models with their templates may be large; nothing honest is larger than this. */
const mostBytes = 8 * 1024 * 1024;
const mostEvidence = 2_000;

/** Asks a server that may be anything. Never throws. */
export const askServer = async (question: Question): Promise<Answered> => {
  try {
    const { status, body } = await exchange(question);
    return { status, json: parsedJson(body), text: body.slice(0, mostEvidence) };
  } catch (error) {
    return { status: undefined, json: undefined, text: reason(error) };
  }
};

const exchange = async (question: Question): Promise<{ status: number; body: string }> => {
  const { url, path, body, apiKey, timeoutMs } = question;
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await patientFetch(new URL(path, url), {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal,
  });
  const text = await readHead(response, mostBytes);
  signal.throwIfAborted();
  return { status: response.status, body: text };
};

const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError' || (error as { code?: string }).code === 'ABORT_ERR')
    return 'no answer in time';
  return error.message || ((error as { code?: string }).code ?? error.name);
};
