import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ChatCall, countTokens, type Reply, writeReply } from './model/reply.ts';
import { createResidency, type ModelScript, type Residency } from './model/residency.ts';
import { routes } from './model/routes.ts';

export type { ChatCall, Fault, Reply } from './model/reply.ts';
export type { ModelScript } from './model/residency.ts';

/** `openai` is a plain server (vLLM's dialect), `llama-server` llama.cpp's with one model, `llama-router` with several. */
export type Flavour = 'ollama' | 'llama-server' | 'llama-router' | 'openai';

export interface ModelHostScript {
  readonly kind: Flavour;
  /** By the name that requests use. */
  readonly models: Readonly<Record<string, ModelScript>>;
  /** The answer to each chat call; a string is a whole good reply. */
  readonly reply: (call: ChatCall) => Reply | Promise<Reply>;
  /** Calls that generate at once; others wait without headers, as real servers do. Default 4. */
  readonly slots?: number;
  /** Models in memory at once (Ollama); the server evicts the oldest. Default 1. */
  readonly maxLoaded?: number;
  /** 0 (default): a free port. */
  readonly port?: number;
}

/** One line of what happened, with the models that were in memory at that moment. */
export interface HostEvent {
  readonly at: number;
  readonly event: 'chat' | 'chatEnd' | 'load' | 'loaded' | 'unload' | 'unloaded' | 'evicted' | 'request';
  readonly model: string;
  readonly resident: readonly string[];
  readonly path?: string;
}

export interface ModelHost {
  readonly url: string;
  /** Chat calls in order of arrival, health checks of at most one token left out. */
  readonly requests: readonly ChatCall[];
  readonly timeline: readonly HostEvent[];
  /** Chat calls that arrived while their model was not in memory: must stay empty (G8). */
  readonly strangers: readonly ChatCall[];
  /** Most chat calls that were being answered at once. */
  readonly maxConcurrent: () => number;
  readonly resident: () => readonly string[];
  readonly residency: Residency;
  /** Changes what every path answers, until called with undefined. */
  readonly impose: (fault: 'html' | 'loading' | 'unauthorized' | undefined) => void;
  /** Refuses connections and cuts the open ones; `up` listens on the same port again. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  /** Resolves when a chat call for which `matches` holds has arrived. */
  readonly called: (matches: (call: ChatCall) => boolean) => Promise<ChatCall>;
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** A model server over real HTTP on loopback whose answers are scripted and whose bad habits are those of real ones. */
export const startModelHost = async (script: ModelHostScript): Promise<ModelHost> => {
  const timeline: HostEvent[] = [];
  const requests: ChatCall[] = [];
  const strangers: ChatCall[] = [];
  const waiters: { matches: (call: ChatCall) => boolean; resolve: (call: ChatCall) => void }[] = [];
  const sockets = new Set<Socket>();
  let imposed: 'html' | 'loading' | 'unauthorized' | undefined;
  let running = 0;
  let most = 0;
  const queue: (() => void)[] = [];

  const note = (event: HostEvent['event'], model: string, path?: string): void => {
    const resident = residency.resident();
    timeline.push({ at: performance.now(), event, model, resident, ...(path === undefined ? {} : { path }) });
  };
  const residency = createResidency(script.models, {
    preloaded: script.kind !== 'ollama' && script.kind !== 'llama-router',
    maxLoaded: script.maxLoaded ?? 1,
    note,
  });

  const enter = async (): Promise<void> => {
    if (running >= (script.slots ?? 4)) await new Promise<void>((resolve) => queue.push(resolve));
    running += 1;
    most = Math.max(most, running);
  };
  const leave = (): void => {
    running -= 1;
    queue.shift()?.();
  };

  const chat = async (body: unknown, response: ServerResponse): Promise<void> => {
    const call = body as ChatCall;
    const served = script.kind === 'llama-server' ? (Object.keys(script.models)[0] ?? '') : call.model;
    const probe = (call.max_tokens ?? 0) <= 1;
    if (!probe) requests.push(call);
    note('chat', call.model);
    const model = residency.find(served);
    if (model === undefined) return json(response, 404, { error: missing(script.kind, call.model) });
    if (!residency.isResident(served)) {
      if (!probe) strangers.push(call);
      if (script.kind === 'llama-router')
        return json(response, 400, {
          error: { code: 400, message: 'model is not loaded', type: 'invalid_request_error' },
        });
      await residency.load(served);
    }
    await enter();
    const release = residency.hold(served);
    try {
      for (const waiter of waiters.splice(0)) {
        if (!probe && waiter.matches(call)) waiter.resolve(call);
        else waiters.push(waiter);
      }
      const promptTokens = countTokens(call);
      if (script.kind !== 'ollama' && promptTokens > model.context) {
        return json(response, 400, { error: overflow(script.kind, promptTokens, model.context) });
      }
      const reply = probe ? 'ok' : await script.reply(call);
      await writeReply(response, {
        call,
        served,
        reply,
        flavour: script.kind,
        promptTokens: Math.min(promptTokens, model.context),
      });
    } finally {
      release();
      leave();
      note('chatEnd', call.model);
    }
  };

  const listener: Parameters<typeof createServer>[1] = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = new URL(request.url ?? '/', 'http://host').pathname;
      const body: unknown = chunks.length === 0 ? {} : parse(Buffer.concat(chunks).toString());
      if (imposed === 'html') {
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<!DOCTYPE html><html><title>Router login</title></html>');
        return;
      }
      if (imposed === 'loading')
        return json(response, 503, {
          error: { message: 'Loading model', type: 'unavailable_error', code: 503 },
        });
      if (imposed === 'unauthorized')
        return json(response, 401, {
          error: { message: 'Invalid API Key', type: 'authentication_error', code: 401 },
        });
      if (path === '/v1/chat/completions') {
        chat(body, response).catch((error: unknown) => response.destroy(error as Error));
        return;
      }
      note('request', '', path);
      routes(script.kind, residency)(path, body).then(
        ({ status, body: answer }) => json(response, status, answer),
        (error: unknown) => response.destroy(error as Error),
      );
    });
  };

  let server: Server = createServer(listener);
  const listen = async (port: number): Promise<number> => {
    server = createServer(listener);
    server.keepAliveTimeout = 5_000;
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return (server.address() as AddressInfo).port;
  };
  const down = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  const port = await listen(script.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    timeline,
    strangers,
    maxConcurrent: () => most,
    resident: () => residency.resident(),
    residency,
    impose: (fault) => {
      imposed = fault;
    },
    down,
    up: async () => {
      await listen(port);
    },
    called: async (matches) => {
      const known = requests.find(matches);
      if (known !== undefined) return known;
      return new Promise((resolve) => waiters.push({ matches, resolve }));
    },
    close: down,
    [Symbol.asyncDispose]: down,
  };
};

const json = (response: ServerResponse, status: number, body: unknown): void => {
  if (typeof body === 'string') response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

const missing = (kind: Flavour, model: string): unknown =>
  kind === 'ollama'
    ? { message: `model '${model}' not found`, type: 'api_error', param: null, code: null }
    : { message: `The model \`${model}\` does not exist.`, type: 'NotFoundError', param: 'model', code: 404 };

const overflow = (kind: Flavour, prompt: number, context: number): unknown =>
  kind === 'llama-server'
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
