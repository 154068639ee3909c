import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

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
  /** The whole body. */
  readonly body: string;
}

/** Lists of models with their templates may be large; nothing honest is larger than this. */
const mostBytes = 8 * 1024 * 1024;
const mostEvidence = 2_000;

/**
 * Asks a server that may be anything. Never throws. Not `fetch`: that gives up after 300 s without headers, which come
 * with the first token, after a model of many GiB has been loaded. Redirects are not followed.
 */
export const askServer = async (question: Question): Promise<Answered> => {
  try {
    const { status, body } = await exchange(question);
    return { status, json: parsed(body), text: body.slice(0, mostEvidence), body };
  } catch (error) {
    return { status: undefined, json: undefined, text: reason(error), body: '' };
  }
};

/** One field of a value of any shape. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;

/** The items of a list that is one field of a value of any shape. */
export const itemsIn = (value: unknown, name: string): readonly unknown[] => {
  const list = field(value, name);
  return Array.isArray(list) ? list : [];
};

export const textIn = (value: unknown, name: string): string | undefined => {
  const text = field(value, name);
  return typeof text === 'string' && text !== '' ? text : undefined;
};

export const positiveIn = (value: unknown, name: string): number | undefined => {
  const number = field(value, name);
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined;
};

const exchange = async (question: Question): Promise<{ status: number; body: string }> => {
  const { url, path, body, apiKey, timeoutMs } = question;
  const target = new URL(path, url);
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const signal = AbortSignal.timeout(timeoutMs);
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(target, {
      method: payload === undefined ? 'GET' : 'POST',
      agent: false,
      signal,
      headers: {
        'accept-encoding': 'identity',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(payload === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
      },
    });
    outgoing.once('response', resolve);
    // Not `once`: a socket may report a second error after the first, and an unheard one ends the process.
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > mostBytes) break;
  }
  return { status: incoming.statusCode ?? 500, body: Buffer.concat(chunks).toString('utf8') };
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return;
  }
};

const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError' || (error as { code?: string }).code === 'ABORT_ERR')
    return 'no answer in time';
  return error.message || ((error as { code?: string }).code ?? error.name);
};
