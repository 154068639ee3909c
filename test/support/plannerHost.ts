import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A call of a planner as it arrived, in either protocol. */
export interface PlannerCallSeen {
  readonly protocol: 'gemini' | 'openai';
  readonly path: string;
  readonly model: string;
  readonly key: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  /** All that was sent as text: system, user and model turns. */
  readonly text: string;
  /** Whether it asks to repair a reply. */
  readonly repair: boolean;
}

/** What goes wrong with one answer. */
export type PlannerFaultSent =
  | {
      readonly fault: 'status';
      readonly status: number;
      readonly message?: string;
      readonly retryDelay?: string;
    }
  /** The provider blocks the prompt, or the reply for this reason. */
  | { readonly fault: 'blocked'; readonly reason?: string }
  /** Ends in the middle because the limit of tokens is reached; `''` means that all went into thinking. */
  | { readonly fault: 'truncated'; readonly text: string }
  /** The first half, then silence. */
  | { readonly fault: 'stall'; readonly text: string }
  /** The socket breaks after some text. */
  | { readonly fault: 'cut'; readonly text: string }
  /** No byte at all. */
  | { readonly fault: 'silent' }
  | { readonly fault: 'html' };

export type PlannerAnswer = string | PlannerFaultSent;

export interface PlannerHost extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly PlannerCallSeen[];
}

/** A planner over real HTTP that speaks the Gemini API and the OpenAI API; its answers are scripted. */
export const startPlannerHost = async (
  answer: (call: PlannerCallSeen, nth: number) => PlannerAnswer | Promise<PlannerAnswer>,
): Promise<PlannerHost> => {
  const calls: PlannerCallSeen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    read(request)
      .then(async (body) => {
        const call = seen(request, body);
        calls.push(call);
        const said = await answer(call, calls.length);
        await (call.protocol === 'gemini' ? sendGemini : sendOpenai)(response, said);
      })
      .catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** A plan as the mayor's prompt asks for it. */
export const planReply = (
  beads: readonly { readonly id: string; readonly task?: string; readonly [more: string]: unknown }[],
  title = 'A plan',
): string =>
  JSON.stringify({
    title,
    beads: beads.map(({ id, task, ...more }) => ({
      id,
      title: `Do ${id}`,
      task: task ?? `TASK-OF-${id}.`,
      files: [`src/${id}.txt`],
      needs: [],
      ...more,
    })),
  });

/** The same sequence of numbers in [0, 1) for the same seed. */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const read = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
};

const seen = (request: IncomingMessage, body: Record<string, unknown>): PlannerCallSeen => {
  const path = request.url ?? '';
  const gemini = /\/models\/([^:]+):/.exec(path);
  const texts: string[] = [];
  JSON.stringify(
    gemini === null ? body['messages'] : [body['systemInstruction'], body['contents']],
    (key, value) => {
      if ((key === 'text' || key === 'content') && typeof value === 'string') texts.push(value);
      return value as unknown;
    },
  );
  const text = texts.join('\n');
  const { headers } = request;
  return {
    protocol: gemini === null ? 'openai' : 'gemini',
    path,
    model: decodeURIComponent(gemini?.[1] ?? String(body['model'])),
    key: (headers['x-goog-api-key'] as string | undefined) ?? headers.authorization?.replace('Bearer ', ''),
    ...{ body, text },
    repair: text.includes('That cannot be used as a plan'),
  };
};

const events =
  (response: ServerResponse) =>
  (chunk: object | string): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\r\n\r\n`);
  };

const sendGemini = async (response: ServerResponse, said: PlannerAnswer): Promise<void> => {
  const send = events(response);
  const usage = (tokens: number, thoughts = 0) => ({
    promptTokenCount: 1_000,
    candidatesTokenCount: tokens,
    thoughtsTokenCount: thoughts,
    totalTokenCount: 1_000 + tokens + thoughts,
  });
  const part = (text: string, finishReason?: string, thoughts = 0): void =>
    send({
      candidates: [
        { content: { role: 'model', parts: [{ text }] }, ...(finishReason ? { finishReason } : {}) },
      ],
      usageMetadata: usage(Math.ceil(text.length / 4), thoughts),
    });
  if (typeof said === 'string') {
    send({ candidates: [{ content: { role: 'model', parts: [{ text: 'Let me think.', thought: true }] } }] });
    const half = Math.ceil(said.length / 2);
    part(said.slice(0, half));
    part(said.slice(half), 'STOP', 50);
    response.end();
    return;
  }
  switch (said.fault) {
    case 'status': {
      const details =
        said.retryDelay === undefined
          ? []
          : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: said.retryDelay }];
      const error = { code: said.status, message: said.message ?? 'scripted', status: 'SCRIPTED', details };
      response.writeHead(said.status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
      return;
    }
    case 'blocked':
      if (said.reason === undefined)
        send({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: usage(0) });
      else part('', said.reason);
      response.end();
      return;
    case 'truncated':
      part(said.text, 'MAX_TOKENS', 4_000);
      response.end();
      return;
    case 'stall':
      part(said.text);
      await gone(response);
      return;
    case 'cut':
      part(said.text);
      await new Promise((resolve) => response.write('\r\n', resolve));
      response.destroy();
      return;
    default:
      await sendCommon(response, said);
  }
};

const sendOpenai = async (response: ServerResponse, said: PlannerAnswer): Promise<void> => {
  const send = events(response);
  const chunk = (content: string, finish: string | null = null): void =>
    send({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content }, finish_reason: finish }],
    });
  const end = (text: string, finish: string): void => {
    chunk(text);
    chunk('', finish);
    send({ choices: [], usage: { prompt_tokens: 1_000, completion_tokens: Math.ceil(text.length / 4) } });
    send('[DONE]');
    response.end();
  };
  if (typeof said === 'string') return end(said, 'stop');
  switch (said.fault) {
    case 'status': {
      const error = { message: said.message ?? 'scripted', type: 'scripted', code: said.status };
      const seconds = said.retryDelay?.replace('s', '');
      response
        .writeHead(said.status, {
          'content-type': 'application/json',
          ...(seconds === undefined ? {} : { 'retry-after': seconds }),
        })
        .end(JSON.stringify({ error }));
      return;
    }
    case 'blocked':
      return end('', 'content_filter');
    case 'truncated':
      return end(said.text, 'length');
    case 'stall':
      chunk(said.text);
      await gone(response);
      return;
    case 'cut':
      chunk(said.text);
      await new Promise((resolve) => response.write(': \n\n', resolve));
      response.destroy();
      return;
    default:
      await sendCommon(response, said);
  }
};

const sendCommon = async (response: ServerResponse, said: PlannerFaultSent): Promise<void> => {
  if (said.fault === 'html') {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!DOCTYPE html><html><body>Sign in</body></html>');
    return;
  }
  await gone(response);
};

const gone = async (response: ServerResponse): Promise<void> => {
  if (response.destroyed) return;
  await new Promise<void>((resolve) => response.once('close', resolve));
};
