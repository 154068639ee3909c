import { ApplicationFailure } from '@temporalio/common';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import { createAsk } from './ask.ts';
import type { ChatMessage } from './chat.ts';

/** A prompt as the server's own tokenizer counts it. */
export interface CountedPrompt {
  readonly tokens: number;
  /** The path that was asked. */
  readonly by: string;
}

/** Undefined where the server cannot count, or not now: then an estimate has to do. */
export type CountPrompt = (
  messages: readonly ChatMessage[],
  signal: AbortSignal,
) => Promise<CountedPrompt | undefined>;

/** One way to ask a server for the tokens of a prompt. */
interface Way {
  readonly path: string;
  readonly body: (model: ModelSettings, messages: readonly ChatMessage[]) => object;
  readonly read: (answer: Record<string, unknown>, messages: readonly ChatMessage[]) => number | undefined;
}

/** Tokens that a chat template puts around a message, where the server counts without it. */
const aroundMessage = 8;

const ways: readonly Way[] = [
  {
    // llama.cpp since 2026: with the model's own template.
    path: '/v1/chat/completions/input_tokens',
    body: (model, messages) => ({ model: model.name, messages }),
    read: (answer) => whole(answer['input_tokens']),
  },
  {
    // vLLM takes messages and says `count`; llama.cpp takes a text and lists its tokens. Each ignores the other's keys.
    path: '/tokenize',
    body: (model, messages) => ({
      model: model.name,
      messages,
      add_generation_prompt: true,
      content: messages.map(({ content }) => content).join('\n'),
    }),
    read: (answer, messages) => {
      const count = whole(answer['count']);
      if (count !== undefined) return count;
      const { tokens } = answer;
      return Array.isArray(tokens) ? whole(tokens.length + messages.length * aroundMessage) : undefined;
    },
  },
];

const countMs = 5_000;
/** Times that a server may be in trouble before it is asked no more. */
const mostTroubles = 3;

/** Asks the server's tokenizer, by the first way that it knows; Ollama has none. One for each open gate. */
export const createPromptCounter = (
  host: HostSettings,
  model: ModelSettings,
  apiKey: string | undefined,
): CountPrompt => {
  const ask = createAsk(host, apiKey);
  let left = host.kind === 'ollama' ? [] : [...ways];
  let troubles = 0;

  return async (messages, signal) => {
    for (const way of left) {
      try {
        const question = { method: 'POST', path: way.path, timeoutMs: countMs, model } as const;
        const answer = await ask({ ...question, body: way.body(model, messages) }, signal);
        const tokens = isRecord(answer) ? way.read(answer, messages) : undefined;
        if (tokens !== undefined) return { tokens, by: `POST ${host.url}${way.path}` };
      } catch (error) {
        if (signal.aborted) throw error;
        // A server that is in trouble now may know it later; the call itself will tell what is wrong with it.
        if (isTrouble(error) && ++troubles < mostTroubles) return;
      }
      left = left.filter((one) => one !== way);
    }
    return;
  };
};

const isTrouble = (error: unknown): boolean =>
  error instanceof ApplicationFailure && ['HostDown', 'HostBusy'].includes(error.type ?? '');

const whole = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
