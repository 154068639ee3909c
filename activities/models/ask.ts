import { patientFetch, readHead } from '../../deploy/machine/patientFetch.ts';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import { parsedJson } from '../../workflows/domain/queue/foreign.ts';
import { fail } from '../failure.ts';
import { type Asked, badAnswer, hostDown, isHtml, notAModelServer } from './answers.ts';

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  /** The whole request, ms. */
  readonly timeoutMs: number;
  readonly model?: ModelSettings;
}

/** Asks one host for JSON. */
export interface Ask {
  /** Throws the failure that any answer but a 200 with JSON means. */
  (question: Question, signal: AbortSignal): Promise<unknown>;
}

/** Lists of models with their templates and licences may be large; nothing honest is larger than this. */
const longest = 8 * 1024 * 1024;

export const createAsk = (host: HostSettings, apiKey: string | undefined): Ask => {
  const exchange = createExchange(host, apiKey);
  return (question, signal) =>
    exchange(question, signal, (asked, answer) => {
      if (isHtml(answer.body)) throw notAModelServer(asked, answer);
      return parsedJson(answer.body) ?? notJson(asked, answer);
    });
};

/** Asks one host for a text: pages of metrics, and servers that answer `OK`. Fails as `createAsk` does. */
export const createAskText = (host: HostSettings, apiKey: string | undefined) => {
  const exchange = createExchange(host, apiKey);
  return (...[question, signal]: Parameters<Ask>): Promise<string> =>
    exchange(question, signal, (_, answer) => answer.body);
};

const createExchange =
  (host: HostSettings, apiKey: string | undefined) =>
  async <T>(
    question: Question,
    signal: AbortSignal,
    read: (asked: Asked, answer: { readonly status: number; readonly body: string }) => T,
  ): Promise<T> => {
    const { method, path, body, timeoutMs, model } = question;
    const asked: Asked = { host, model, url: `${method} ${host.url}${path}` };
    const clock = AbortSignal.timeout(timeoutMs);
    try {
      const response = await patientFetch(`${host.url}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, clock]),
      });
      const answer = { status: response.status, body: await readHead(response, longest) };
      signal.throwIfAborted();
      clock.throwIfAborted();
      if (!response.ok)
        throw badAnswer(asked, { ...answer, retryAfter: response.headers.get('retry-after') });
      return read(asked, answer);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (clock.aborted) throw timedOut(asked, timeoutMs);
      throw error instanceof Error && 'nonRetryable' in error ? error : hostDown(asked, error);
    }
  };

const notJson = (asked: Asked, answer: { status: number; body: string }): never => {
  throw notAModelServer(asked, answer);
};

const timedOut = (asked: Asked, ms: number) =>
  fail('HostDown', {
    what: `Host ${asked.host.name} did not answer within ${ms} ms.`,
    evidence: asked.url,
    next: `If it stays so, look at the load and the log of the server at ${asked.host.url}.`,
  });
