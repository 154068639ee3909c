import type { ServerResponse } from 'node:http';
import type { Flavour } from './manners.ts';
import { type ChatCall, countTokens, type Reply, writeReply } from './reply.ts';
import type { ModelScript } from './residency.ts';
import { noSuchModel } from './servers/llamaSwap.ts';
import { busy, unknownModel } from './servers/ollama.ts';
import type { Answer, Insides } from './servers/server.ts';
import type { HostEvent } from './timeline.ts';

/** How calls are answered, and how long that takes in the script's time. */
export interface Speaker {
  readonly reply: (call: ChatCall) => Reply | Promise<Reply>;
  /** Of all models that do not say their own. */
  readonly ttftMs?: number | undefined;
  readonly tokenMs?: number | undefined;
  /** From its slot to its end; in the place of the two. */
  readonly durationMs?: ((call: ChatCall) => number) | undefined;
}

interface Chatting extends Insides {
  readonly speaker: Speaker;
  readonly note: (event: HostEvent['event'], model: string, more?: Partial<HostEvent>) => void;
  /** Told of each real call for a model that is not resident, and of each when it has its slot. */
  readonly strange: (call: ChatCall) => void;
  readonly begun: (call: ChatCall) => void;
}

/** One chat call, from its arrival to its end. `number` is undefined for those of one token, which only prove life. */
export const chatRoute =
  (host: Chatting) =>
  async (call: ChatCall, number: number | undefined, response: ServerResponse): Promise<void> => {
    const { kind, residency, places, clock, manners, note } = host;
    const [first = ''] = residency.names();
    const served = kind === 'llama-server' ? first : call.model;
    const own = number === undefined ? {} : { call: number };
    const end = new AbortController();
    response.once('close', () => end.abort());
    note('chat', call.model, own);
    const refuse = ({ status, body }: Answer): void => {
      note('refused', call.model, { ...own, status });
      send(response, status, body);
    };
    try {
      const model = residency.find(served);
      if (model === undefined) return refuse(missing(kind, call.model));
      if (places.running() + places.waiting() >= manners().callLimit)
        return refuse({ status: 429, body: 'Too many requests' });
      if (!residency.isResident(served)) {
        if (number !== undefined) host.strange(call);
        note('stranger', call.model, own);
        if (kind === 'vllm' && manners().crashesAsleep) return host.crash();
        if (!manners().autoload) return refuse(notLoaded);
        if (residency.waiting() >= manners().loadQueue)
          return refuse({ status: 503, body: { error: { message: busy, type: 'api_error' } } });
      }
      if (manners().deadScheduler) await clock.never(end.signal);
      let killed = false;
      const leave = await residency.use(served, {
        signal: end.signal,
        killed: () => {
          killed = true;
          end.abort();
        },
      });
      if (leave === undefined) {
        if (!end.signal.aborted)
          refuse({ status: 500, body: { error: { message: 'model failed to load' } } });
        return;
      }
      const place = await places.enter(served, end.signal);
      if (place === undefined) return leave();
      try {
        if (number !== undefined) note('begin', call.model, { ...own, slot: place.slot });
        if (number !== undefined) host.begun(call);
        await speak(host, { call, served, model, real: number !== undefined, signal: end.signal }, response);
        if (killed && !response.writableEnded) dying(kind, response);
      } finally {
        leave();
        place.leave();
      }
    } finally {
      note('chatEnd', call.model, own);
    }
  };

const speak = async (
  { kind, speaker, clock, manners }: Chatting,
  {
    call,
    served,
    model,
    real,
    signal,
  }: { call: ChatCall; served: string; model: ModelScript; real: boolean; signal: AbortSignal },
  response: ServerResponse,
): Promise<void> => {
  const promptTokens = countTokens(call);
  if (!manners().truncates && promptTokens > model.context)
    return send(response, 400, { error: overflow(kind, promptTokens, model.context) });
  // A held reply holds no slot once its client has gone.
  const reply = real ? await Promise.race([speaker.reply(call), clock.never(signal)]) : 'ok';
  if (reply === undefined || signal.aborted) return;
  const firstMs = real ? (model.ttftMs ?? speaker.ttftMs ?? 0) : 0;
  const text = typeof reply === 'string' ? reply : 'text' in reply ? reply.text : '';
  const tokens = real ? Math.ceil(text.length / 4) : 0;
  const spanMs = firstMs + tokens * (model.tokenMs ?? speaker.tokenMs ?? 0);
  await writeReply(response, {
    ...{ call, served, reply, flavour: kind, clock, signal },
    promptTokens: Math.min(promptTokens, model.context),
    firstMs,
    spanMs: (real ? speaker.durationMs?.(call) : undefined) ?? spanMs,
  });
};

/** Sends a text as it is, and all else as JSON. */
export const send = (response: ServerResponse, status: number, body: unknown): void => {
  const text = typeof body === 'string';
  response
    .writeHead(status, { 'content-type': text ? 'text/plain; charset=utf-8' : 'application/json' })
    .end(text ? body : JSON.stringify(body));
};

/** The last words when a model's process ends under a call, as recorded: in a stream they look like a normal end. */
const dying = (kind: Flavour, response: ServerResponse): void => {
  if (kind === 'llama-router' || kind === 'llama-swap') {
    if (!response.headersSent)
      send(response, 500, { error: { message: 'proxy error: Failed to read connection' } });
    else response.end('proxy error: Failed to read connection');
  } else if (kind === 'ollama') {
    if (!response.headersSent)
      send(response, 500, { error: { message: 'llama runner process has terminated', type: 'api_error' } });
    else
      response.end(
        'data: {"model":"","choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]}\n\n',
      );
  } else response.destroy();
};

const notLoaded: Answer = {
  status: 400,
  body: { error: { code: 400, message: 'model is not loaded', type: 'invalid_request_error' } },
};

const missing = (kind: Flavour, model: string): Answer => {
  if (kind === 'ollama') return unknownModel(model);
  if (kind === 'llama-swap') return noSuchModel(model);
  if (kind === 'llama-router')
    return {
      status: 400,
      body: { error: { code: 400, message: `model '${model}' not found`, type: 'invalid_request_error' } },
    };
  const error = {
    message: `The model \`${model}\` does not exist.`,
    type: 'NotFoundError',
    param: 'model',
    code: 404,
  };
  return { status: 404, body: { error } };
};

const overflow = (kind: Flavour, prompt: number, context: number): object =>
  kind.startsWith('llama-')
    ? {
        code: 400,
        message: `request (${prompt} tokens) exceeds the available context size (${context} tokens), try increasing it`,
        type: 'exceed_context_size_error',
        n_prompt_tokens: prompt,
        n_ctx: context,
      }
    : {
        message: `This model's maximum context length is ${context} tokens. However, you requested ${prompt} tokens.`,
        type: 'BadRequestError',
        code: 400,
      };
