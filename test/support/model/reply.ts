import type { ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';

/** A chat request as it arrived. */
export interface ChatCall {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly max_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly stream?: boolean;
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly stream_options?: { readonly include_usage?: boolean };
}

/** What goes wrong with one answer. Texts before the fault are sent. */
export type Fault =
  | { readonly fault: 'status'; readonly status: number; readonly body: string; readonly retryAfter?: string }
  | { readonly fault: 'html' }
  /** No byte, not even headers, until the client gives up. */
  | { readonly fault: 'stallFirst' }
  /** Headers and the first words, then silence. */
  | { readonly fault: 'stallMid'; readonly text: string }
  /** The socket breaks. */
  | { readonly fault: 'cut'; readonly text: string }
  /** A normal end of the connection, without finish reason and `[DONE]`. */
  | { readonly fault: 'noFinish'; readonly text: string }
  | { readonly fault: 'noDone'; readonly text: string }
  /** `[DONE]` without a finish reason, as from a server that was interrupted. */
  | { readonly fault: 'onlyDone'; readonly text: string }
  /** Goes on for ever, as fast as the client reads. */
  | { readonly fault: 'endless'; readonly word: string }
  /** Bare bytes as the whole body, with status 200. */
  | { readonly fault: 'raw'; readonly body: string; readonly contentType?: string }
  | { readonly fault: 'empty' };

export type Reply =
  | string
  | Fault
  | {
      readonly text: string;
      readonly finish?: 'stop' | 'length';
      /** Native calls of tools, sent in pieces as OpenAI's servers do. */
      readonly calls?: readonly { readonly name: string; readonly arguments: object }[];
      readonly reasoning?: string;
      /** Name of the reasoning field; servers differ. */
      readonly reasoningField?: 'reasoning' | 'reasoning_content';
      /** Between two chunks, ms. */
      readonly dripMs?: number;
      readonly firstMs?: number;
      /** `null`: the server reports none. */
      readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
    };

interface Answer {
  readonly call: ChatCall;
  readonly served: string;
  readonly reply: Reply;
  readonly flavour: string;
  readonly promptTokens: number;
  readonly clock: Clock;
  /** How long the first token takes, and all of them, where the reply does not say. */
  readonly firstMs: number;
  readonly spanMs: number;
  /** The client has gone, or the model was killed. */
  readonly signal: AbortSignal;
}

/** Four characters a token, as a rule of thumb that tests can compute. */
export const countTokens = (call: ChatCall): number =>
  Math.ceil(
    (call.messages.reduce((sum, message) => sum + message.content.length, 0) +
      (call.tools === undefined ? 0 : JSON.stringify(call.tools).length)) /
      4,
  );

/** Writes one answer, good or bad, and ends the response unless the fault is not to end. */
export const writeReply = async (response: ServerResponse, answer: Answer): Promise<void> => {
  const { reply } = answer;
  if (typeof reply === 'string') return writeText(response, answer, { text: reply });
  if (!('fault' in reply)) return writeText(response, answer, reply);
  const stream = openStream(response, answer);
  switch (reply.fault) {
    case 'status':
      response
        .writeHead(reply.status, {
          'content-type': 'application/json',
          ...(reply.retryAfter === undefined ? {} : { 'retry-after': reply.retryAfter }),
        })
        .end(reply.body);
      return;
    case 'html':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!DOCTYPE html><html><body>It works!</body></html>');
      return;
    case 'raw':
      response.writeHead(200, { 'content-type': reply.contentType ?? 'text/event-stream' }).end(reply.body);
      return;
    case 'empty':
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
      return;
    case 'stallFirst':
      await gone(answer);
      return;
    case 'stallMid':
      stream.text(reply.text);
      await gone(answer);
      return;
    case 'cut':
      stream.text(reply.text);
      // The bytes must leave before the socket breaks, or the client sees no first token.
      await new Promise((resolve) => response.write(': \n\n', resolve));
      response.destroy();
      return;
    case 'noFinish':
      stream.text(reply.text);
      response.end();
      return;
    case 'noDone':
      stream.text(reply.text);
      stream.finish('stop');
      response.end();
      return;
    case 'onlyDone':
      stream.text(reply.text);
      stream.done();
      return;
    case 'endless':
      while (!response.destroyed && !response.writableEnded) {
        if (!stream.text(`${reply.word} `)) {
          await Promise.race([new Promise((resolve) => response.once('drain', resolve)), gone(answer)]);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
  }
};

const writeText = async (
  response: ServerResponse,
  answer: Answer,
  reply: Exclude<Reply, string | Fault>,
): Promise<void> => {
  const { clock, signal } = answer;
  const pieces = reply.text.match(/[\s\S]{1,400}/g) ?? [];
  const rest = Math.max(0, answer.spanMs - answer.firstMs);
  const dripMs = reply.dripMs ?? rest / Math.max(1, pieces.length);
  await clock.pause(reply.firstMs ?? answer.firstMs, signal);
  if (answer.call.stream !== true || pieces.length === 0) await clock.pause(rest, signal);
  if (signal.aborted) return;
  const completion = Math.ceil((reply.text.length + (reply.reasoning?.length ?? 0)) / 4);
  const usage =
    reply.usage === undefined
      ? { prompt_tokens: answer.promptTokens, completion_tokens: completion }
      : reply.usage;
  if (answer.call.stream !== true) {
    const body = {
      object: 'chat.completion',
      model: answer.served,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: reply.text },
          finish_reason: reply.finish ?? 'stop',
        },
      ],
      usage,
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return;
  }
  const stream = openStream(response, answer);
  if (answer.flavour === 'llama-server') stream.delta({ role: 'assistant', content: null });
  if (reply.reasoning !== undefined) stream.delta({ [reply.reasoningField ?? 'reasoning']: reply.reasoning });
  for (const chunk of pieces) {
    if (response.destroyed) return;
    stream.text(chunk);
    await clock.pause(dripMs, signal);
  }
  if (signal.aborted) return;
  for (const [index, call] of (reply.calls ?? []).entries()) {
    const [first = '', ...rests] = JSON.stringify(call.arguments).match(/[\s\S]{1,40}/g) ?? [];
    const named = { index, id: `call-${index}`, type: 'function' };
    stream.delta({ tool_calls: [{ ...named, function: { name: call.name, arguments: first } }] });
    for (const piece of rests) stream.delta({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  stream.finish(reply.finish ?? (reply.calls === undefined ? 'stop' : 'tool_calls'));
  if (usage !== null && answer.call.stream_options?.include_usage === true) stream.usage(usage);
  stream.done();
};

const openStream = (response: ServerResponse, answer: Answer) => {
  const send = (chunk: object): boolean => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    return response.write(
      `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: answer.served, ...chunk })}\n\n`,
    );
  };
  const choice = (delta: object, finish: string | null): boolean =>
    send({ choices: [{ index: 0, delta, finish_reason: finish }] });
  return {
    delta: (delta: object) => choice(delta, null),
    text: (content: string) => choice({ content }, null),
    finish: (reason: string) => choice({ content: '' }, reason),
    usage: (usage: object) => send({ choices: [], usage }),
    done: () => response.end('data: [DONE]\n\n'),
  };
};

const gone = ({ clock, signal }: Answer): Promise<void> => clock.never(signal);
