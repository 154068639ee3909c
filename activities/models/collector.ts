import type OpenAI from 'openai';
import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import { createCalledTools } from './calledTools.ts';
import { repeatsItself } from './repetition.ts';
import { splitThinking } from './thinking.ts';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;

/** What a stream has brought so far. */
export interface Collected {
  /** Takes one chunk in; true when it held a token. */
  readonly add: (chunk: Chunk) => boolean;
  readonly answer: () => { readonly text: string; readonly thoughtChars: number };
  readonly finish: () => string | undefined;
  /** As the server counts; undefined while it has said nothing. */
  readonly usage: () => { readonly promptTokens: number; readonly completionTokens: number } | undefined;
  /** Chunks with a token: about one token each. */
  readonly tokens: () => number;
  readonly chars: () => number;
  /** Why the reply must be cut. */
  readonly endless: () => string | undefined;
  /** The word that the last twenty chunks and more repeat. */
  readonly loopedOn: () => string | undefined;
}

/** Fields that servers add to a delta or a chunk beyond OpenAI's. */
interface Extra {
  readonly content?: unknown;
  readonly reasoning?: unknown;
  readonly reasoning_content?: unknown;
  readonly tool_calls?: unknown;
}
interface Timings {
  readonly prompt_n?: number;
  readonly cache_n?: number;
  readonly predicted_n?: number;
}

/** Ollama's own guard cuts at 30 equal tokens. */
const loopLength = 20;
const charsPerTokenAtMost = 24;
const checkEvery = 2_000;

/** `onText`: told each piece as it comes, thoughts and calls of tools too. */
export const createCollector = (
  model: Pick<ModelSettings, 'maxTokens'>,
  onText: (piece: string) => void = () => undefined,
): Collected => {
  const parts: string[] = [];
  const called = createCalledTools();
  let textChars = 0;
  let thoughtChars = 0;
  let tokens = 0;
  let finish: string | undefined;
  let usage: { promptTokens: number; completionTokens: number } | undefined;
  let endless: string | undefined;
  let last = '';
  let equal = 0;
  let checked = 0;
  let recent = '';

  const token = (piece: string): void => {
    tokens += 1;
    // White space counts as equal, as in Ollama's guard.
    const word = piece.trim();
    equal = word === last ? equal + 1 : 1;
    last = word;
    const chars = textChars + thoughtChars;
    recent = (recent + piece).slice(-12_000);
    if (tokens > model.maxTokens * 2 + 64 || chars > model.maxTokens * charsPerTokenAtMost + 4_096) {
      endless = `${tokens} chunks, ${chars} characters, though max_tokens is ${model.maxTokens}`;
    } else if (chars - checked >= checkEvery) {
      checked = chars;
      if (repeatsItself(recent))
        endless = `the last ${recent.length} characters repeat themselves: …${recent.slice(-80)}`;
    }
  };

  return {
    add: (chunk) => {
      usage = countOf(chunk) ?? usage;
      const choice = chunk.choices?.[0];
      if (choice === undefined) return false;
      if (typeof choice.finish_reason === 'string') finish = choice.finish_reason;
      const delta = (choice.delta ?? {}) as Extra;
      const thought = textOf(delta.reasoning ?? delta.reasoning_content);
      const text = textOf(delta.content);
      const call = called.add(delta.tool_calls);
      parts.push(text);
      textChars += text.length + call.length;
      thoughtChars += thought.length;
      if (thought + text + call !== '') {
        token(thought + text + call);
        onText(thought + text + call);
      }
      return thought + text !== '' || delta.tool_calls !== undefined;
    },
    answer: () => {
      const { text, thought } = splitThinking(parts.join(''));
      return { text: text + called.text(), thoughtChars: thoughtChars + thought.length };
    },
    finish: () => finish,
    usage: () => usage,
    tokens: () => tokens,
    chars: () => textChars + thoughtChars,
    endless: () => endless,
    loopedOn: () => (equal >= loopLength ? last : undefined),
  };
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Usage where it is given; llama.cpp's timings say the same. All zero is Ollama's way to say nothing. */
const countOf = (chunk: Chunk): { promptTokens: number; completionTokens: number } | undefined => {
  const given = chunk.usage;
  if (given !== undefined && given !== null && given.prompt_tokens + given.completion_tokens > 0) {
    return { promptTokens: given.prompt_tokens, completionTokens: given.completion_tokens };
  }
  const { timings } = chunk as { timings?: Timings };
  if (timings?.prompt_n === undefined || timings.predicted_n === undefined) return;
  return { promptTokens: timings.prompt_n + (timings.cache_n ?? 0), completionTokens: timings.predicted_n };
};
