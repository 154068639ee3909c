import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { chatRoute, type Speaker, send } from './model/chatRoute.ts';
import { createClock } from './model/clock.ts';
import { type Flavour, type Manners, mannersOf } from './model/manners.ts';
import { createPlaces } from './model/places.ts';
import type { ChatCall } from './model/reply.ts';
import { createResidency, type ModelScript, type Residency } from './model/residency.ts';
import { answerTo } from './model/routes.ts';
import { type HostEvent, type HostFigures, readTimeline } from './model/timeline.ts';

export type { Flavour, Manners } from './model/manners.ts';
export type { ChatCall, Fault, Reply } from './model/reply.ts';
export type { ModelScript } from './model/residency.ts';
export type { HostEvent, HostFigures } from './model/timeline.ts';

export interface ModelHostScript extends Speaker {
  /**
   * `openai` is a plain server (vLLM's dialect), `llama-server` llama.cpp's with one model, `llama-router` with several,
   * `llama-swap` a proxy in front of such, `vllm` one model that can sleep.
   */
  readonly kind: Flavour;
  /** By the name that requests use. */
  readonly models: Readonly<Record<string, ModelScript>>;
  /** Calls that generate at once; others wait without headers, as real servers do. Default 4. */
  readonly slots?: number;
  /** Models in memory at once; the server evicts the oldest. Default 1, where they are loaded and evicted. */
  readonly maxLoaded?: number;
  /** Bytes for models; who does not fit evicts others. Default: as much as they want. */
  readonly memory?: number;
  /** Models in memory at the start. Default: none where the server loads them by itself, else all. */
  readonly loaded?: readonly string[];
  /** What is other than the flavour's own. */
  readonly manners?: Partial<Manners>;
  /** How long a busy model may go on before it is killed, where the server does that. Default 10 s. */
  readonly graceMs?: number;
  /** Whether vLLM was started with its sleep mode; default yes. */
  readonly sleepMode?: boolean;
  /** Divides all scripted times. Default 1. */
  readonly timeScale?: number;
  /** 0 (default): a free port. */
  readonly port?: number;
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
  /** What is in memory; also the hand of an outsider: `load`, `unload`, `evict`, `replaceBy`, `kill`. */
  readonly residency: Residency;
  /** Changes what every path answers, until called with undefined. */
  readonly impose: (fault: 'html' | 'loading' | 'unauthorized' | undefined) => void;
  /** Changes the manners from now on; what already hangs goes on hanging. */
  readonly misbehave: (manners: Partial<Manners>) => void;
  /** Refuses connections and cuts the open ones; `up` listens on the same port again. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  /** Resolves when a chat call for which `matches` holds has arrived and has its slot. */
  readonly called: (matches: (call: ChatCall) => boolean) => Promise<ChatCall>;
  /** Resolves with the first event for which `matches` holds, past ones included. */
  readonly saw: (matches: (event: HostEvent) => boolean) => Promise<HostEvent>;
  /** What its timeline comes to so far, in the script's time. */
  readonly figures: (span?: { readonly from?: number; readonly to?: number }) => HostFigures;
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const loadsItself: readonly Flavour[] = ['ollama', 'llama-router', 'llama-swap'];

/** A model server over real HTTP on loopback whose answers are scripted and whose bad habits are those of real ones. */
export const startModelHost = async (script: ModelHostScript): Promise<ModelHost> => {
  const timeline: HostEvent[] = [];
  const requests: ChatCall[] = [];
  const strangers: ChatCall[] = [];
  const callers = createWaiters<ChatCall>();
  const watchers = createWaiters<HostEvent>();
  const sockets = new Set<Socket>();
  const clock = createClock(script.timeScale);
  const slots = script.slots ?? 4;
  const memory = script.memory ?? Number.POSITIVE_INFINITY;
  const managed = loadsItself.includes(script.kind);
  let manners: Manners = { ...mannersOf[script.kind], ...script.manners };
  let imposed: 'html' | 'loading' | 'unauthorized' | undefined;

  const note = (event: HostEvent['event'], model: string, more: Partial<HostEvent> = {}): void => {
    const line = { event, model, resident: residency.resident(), inUse: residency.inUse(), ...more };
    timeline.push({ at: performance.now(), ...line });
    watchers.tell({ at: performance.now(), ...line });
  };
  const residency = createResidency(script.models, {
    loaded: script.loaded ?? (managed ? [] : Object.keys(script.models)),
    maxLoaded: script.maxLoaded ?? (managed && script.memory === undefined ? 1 : Number.POSITIVE_INFINITY),
    ...{ memory, clock, note },
    // llama-swap ends the process at once, llama.cpp's router after a while.
    graceMs: script.graceMs ?? (script.kind === 'llama-swap' ? 0 : 10_000),
    manners: () => manners,
  });
  const places = createPlaces(slots, (model) => residency.find(model)?.slots);
  const insides = {
    ...{ kind: script.kind, residency, places, clock, memory },
    slots: script.slots ?? 1,
    sleepMode: script.sleepMode ?? true,
    manners: () => manners,
    crash: () => void down(),
  };
  const chat = chatRoute({
    ...insides,
    ...{ speaker: script, note },
    strange: (call) => strangers.push(call),
    begun: callers.tell,
  });
  let calls = 0;

  const listener: Parameters<typeof createServer>[1] = (request, response) => {
    const chunks: Buffer[] = [];
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://host');
      const body: unknown = chunks.length === 0 ? {} : parse(Buffer.concat(chunks).toString());
      if (imposed !== undefined) {
        const [status, page] = impositions[imposed];
        return send(response, status, page);
      }
      const broken = (error: unknown): void => void response.destroy(error as Error);
      if (path === '/v1/chat/completions') {
        const call = body as ChatCall;
        const real = (call.max_tokens ?? 0) > 1;
        if (real) requests.push(call);
        chat(call, real ? ++calls : undefined, response).catch(broken);
        return;
      }
      note('request', '', { path });
      const asked = { method: request.method ?? 'GET', path, query, body, signal: gone.signal };
      answerTo(asked, insides).then(({ status, body: answer }) => send(response, status, answer), broken);
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
    maxConcurrent: places.most,
    resident: () => residency.resident(),
    residency,
    impose: (fault) => {
      imposed = fault;
    },
    misbehave: (more) => {
      manners = { ...manners, ...more };
    },
    down,
    up: async () => {
      await listen(port);
    },
    called: (matches) => callers.first(requests, matches),
    saw: (matches) => watchers.first(timeline, matches),
    figures: (span = {}) => readTimeline(timeline, { slots, scale: clock.scale, ...span }),
    close: down,
    [Symbol.asyncDispose]: down,
  };
};

const impositions = {
  html: [200, '<!DOCTYPE html><html><title>Router login</title></html>'],
  loading: [503, { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } }],
  unauthorized: [401, { error: { message: 'Invalid API Key', type: 'authentication_error', code: 401 } }],
} as const;

/** Those who wait for something to happen. */
const createWaiters = <T>() => {
  const waiting = new Set<{ matches: (one: T) => boolean; resolve: (one: T) => void }>();
  return {
    tell: (one: T): void => {
      for (const waiter of waiting) if (waiter.matches(one) && waiting.delete(waiter)) waiter.resolve(one);
    },
    first: async (past: readonly T[], matches: (one: T) => boolean): Promise<T> =>
      past.find(matches) ?? new Promise((resolve) => waiting.add({ matches, resolve })),
  };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};
