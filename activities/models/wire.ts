import type { ApplicationFailure } from '@temporalio/common';
import { patientFetch, readHead } from '../../deploy/machine/patientFetch.ts';
import { type Asked, badAnswer, hostDown, isHtml, notAModelServer } from './answers.ts';

/** What was seen of one streamed answer at the level of bytes, which the openai client does not tell. */
export interface Wire {
  /** Throws the failure that an answer other than a stream means. */
  readonly fetch: typeof globalThis.fetch;
  /** Whether a line `data: [DONE]` came. */
  readonly done: () => boolean;
  /** Whether the answer began. */
  readonly answered: () => boolean;
  /** Whether an event came; overflow makes llama-cpp-python send an empty 200. */
  readonly empty: () => boolean;
  /** Text that is no server-sent event: a proxy's last words. */
  readonly stray: () => string;
  readonly failure: () => ApplicationFailure | undefined;
}

/** Watches one streamed chat call. `maxBytes` bounds the whole body, so that no server can fill our memory. */
export const createWire = (asked: Asked, maxBytes: number): Wire => {
  let done = false;
  let answered = false;
  let events = 0;
  let bytes = 0;
  let stray = '';
  let failure: ApplicationFailure | undefined;

  const see = (line: string): void => {
    if (/^data: ?\[DONE\]\s*$/.test(line)) done = true;
    if (line.startsWith('data:')) events += 1;
    else if (line.trim() !== '' && !/^(:|event:|id:|retry:)/.test(line)) stray = (stray + line).slice(0, 300);
  };

  const watch = (body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> => {
    const decoder = new TextDecoder();
    let rest = '';
    const watcher = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
        const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
        rest = lines.pop() ?? '';
        for (const line of lines) see(line);
        controller.enqueue(chunk);
      },
      flush: () => see(rest),
    });
    return body.pipeThrough(watcher);
  };

  const refuse = (error: ApplicationFailure): never => {
    failure = error;
    throw error;
  };

  return {
    fetch: async (input, init) => {
      const response = await patientFetch(input, init).catch((error: unknown) => {
        if (init?.signal?.aborted === true) throw error;
        return refuse(hostDown(asked, error));
      });
      answered = true;
      const { status } = response;
      if (!response.ok) {
        const body = await readHead(response);
        return refuse(badAnswer(asked, { status, body, retryAfter: response.headers.get('retry-after') }));
      }
      const type = response.headers.get('content-type') ?? '';
      if (!type.includes('event-stream')) {
        const body = await readHead(response);
        const answer = { status, body };
        return refuse(
          isHtml(body) || !body.includes('"error"')
            ? notAModelServer(asked, answer)
            : badAnswer(asked, answer),
        );
      }
      return new Response(response.body === null ? null : watch(response.body), response);
    },
    done: () => done,
    answered: () => answered,
    empty: () => events === 0,
    stray: () => stray,
    failure: () => failure,
  };
};
