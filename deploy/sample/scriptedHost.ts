import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as bodyText } from 'node:stream/consumers';
import { createScriptedModels } from './scriptedModels.ts';

export interface Message {
  readonly role: string;
  readonly content: string;
}

/**
 * A reply for a prompt. `nth` counts the different prompts of this bead, from 1: the same prompt asked again (after a
 * crash, say) is the same turn and gets the same reply.
 */
export type Script = (messages: readonly Message[], nth: (bead: string) => number) => string;

export interface ScriptedHost extends AsyncDisposable {
  readonly url: string;
  readonly calls: () => number;
}

interface Options {
  /** By name; several are loaded one at a time, and only when they are told to be. */
  readonly models: readonly string[];
  /** What a load of one of several takes, ms; default none. */
  readonly loadMs?: number;
  readonly context: number;
  /** Time between two pieces of a reply, ms; 0 answers at once. */
  readonly pieceMs: number;
}

/**
 * A model host with canned replies: real HTTP on a free port of this machine, the OpenAI-compatible protocol with
 * streaming, usage and `[DONE]`, and no model behind it.
 */
export const startScriptedHost = async (script: Script, options: Options): Promise<ScriptedHost> => {
  const promptsOf = new Map<string, string[]>();
  const models = createScriptedModels({
    names: options.models,
    context: options.context,
    loadMs: options.loadMs ?? 0,
  });
  let calls = 0;

  const answer = (messages: readonly Message[]): string => {
    const prompt = createHash('sha256').update(JSON.stringify(messages)).digest('hex');
    return script(messages, (bead) => {
      const seen = promptsOf.get(bead) ?? [];
      promptsOf.set(bead, seen);
      if (!seen.includes(prompt)) seen.push(prompt);
      return seen.indexOf(prompt) + 1;
    });
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!response.headersSent)
        json(response, 500, { error: { message: String(error), type: 'scripted_host' } });
      else response.destroy();
    });
  });

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyText(request);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host');
    if (pathname === '/v1/models') return json(response, 200, models.list());
    const asked = request.method === 'POST' ? (JSON.parse(body) as { model?: string }).model : undefined;
    const said = models.answer(pathname, asked ?? searchParams.get('model') ?? '');
    if (said !== undefined) return json(response, said.status, said.body);
    if (pathname !== '/v1/chat/completions') {
      return json(response, 404, { error: { message: `no ${request.url} here`, type: 'not_found' } });
    }
    calls++;
    const { messages, model = '' } = JSON.parse(body) as { messages: Message[]; model?: string };
    if (!models.isLoaded(model))
      return json(response, 400, { error: { code: 400, message: 'model is not loaded' } });
    await stream(response, answer(messages), messages, { model, pieceMs: options.pieceMs });
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const json = (response: ServerResponse, status: number, value: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};

const stream = async (
  response: ServerResponse,
  reply: string,
  messages: readonly Message[],
  { model, pieceMs }: { readonly model: string; readonly pieceMs: number },
): Promise<void> => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const id = `chatcmpl-${Date.now()}`;
  const send = (more: object): void => {
    response.write(`data: ${JSON.stringify({ id, object: 'chat.completion.chunk', model, ...more })}\n\n`);
  };
  const pieces = reply.match(/[\s\S]{1,40}/g) ?? [''];
  for (const content of pieces) {
    if (response.destroyed) return;
    send({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
    if (pieceMs > 0) await new Promise((resolve) => setTimeout(resolve, pieceMs));
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  send({ choices: [], usage: usageOf(messages, reply) });
  response.end('data: [DONE]\n\n');
};

/** Tokens as a real server would count them, about four characters each. */
const usageOf = (messages: readonly Message[], reply: string) => {
  const prompt_tokens = Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / 3.5);
  const completion_tokens = Math.ceil(reply.length / 3.5);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
};
