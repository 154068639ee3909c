import type { Flavour } from './manners.ts';
import { llamaRouter, llamaServer } from './servers/llama.ts';
import { llamaSwap } from './servers/llamaSwap.ts';
import { ollama } from './servers/ollama.ts';
import { type Answer, type Asked, type Insides, nowhere, ok, type Server } from './servers/server.ts';
import { openAiList, vllm } from './servers/vllm.ts';

/** Any server that knows no more than it must. */
const plain: Server = async ({ path }, insides) => {
  if (path === '/v1/models') return ok(openAiList(insides));
  return path === '/health' ? ok({ status: 'ok' }) : nowhere;
};

const servers: Readonly<Record<Flavour, Server>> = {
  ollama,
  'llama-server': llamaServer,
  'llama-router': llamaRouter,
  'llama-swap': llamaSwap,
  vllm,
  openai: plain,
};

/** What a scripted host answers on every path but chat. */
export const answerTo = async (asked: Asked, insides: Insides): Promise<Answer> =>
  (await servers[insides.kind](asked, insides)) ?? nowhere;
