import OpenAI from 'openai';
import type { HostSettings, ModelSettings, Usage } from '../../workflows/domain/host/model.ts';
import type { Asked } from './answers.ts';
import { type Collected, createCollector } from './collector.ts';
import { startDeadlines } from './deadlines.ts';
import { broken, checkPrompt, verdict, why } from './ending.ts';
import { estimateTokens, type TokenGauge } from './tokens.ts';
import { createWire, type Wire } from './wire.ts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface Chat {
  readonly host: HostSettings;
  readonly model: ModelSettings;
  readonly messages: readonly ChatMessage[];
  readonly estimatedTokens: number;
  /** By the server's own tokenizer. */
  readonly countedTokens?: number;
  readonly apiKey: string | undefined;
  /** In the place of the sampling parameters and the limit that servers of the town's own hosts are sent. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Offered to the model as functions; what it calls comes back as text, the way models print calls themselves. */
  readonly tools?: readonly object[];
  /** Told what the model writes, as it comes. */
  readonly onText?: ((piece: string) => void) | undefined;
  readonly gauge: TokenGauge;
  /** Ends the call; the reason is thrown as it is. */
  readonly signal: AbortSignal;
  /** Called whenever the cost of this call is known better: failed calls are charged too (G7). */
  readonly onUsage: (usage: Usage) => void;
}

export interface ChatReply {
  /** Without thoughts. May be empty, when a model used up its tokens thinking. */
  readonly text: string;
  readonly finish: 'stop' | 'length';
  /** The server ended the reply because of what it says. */
  readonly filtered?: true;
  readonly usage: Usage;
  /** Characters of reasoning that the text is without; they are in `usage`. */
  readonly thoughtChars: number;
  readonly ms: number;
  readonly firstTokenMs: number;
}

/**
 * One streamed chat call. The reply counts only when the server said both how it ended and `[DONE]`: either alone
 * also comes from servers that were interrupted, crashed or cut a loop.
 * @throws ApplicationFailure of a model host's type (`HostDown`, `HostBusy`, `HostRefused`, `ModelMissing`, `ModelNotResident`,
 * `NotAModelServer`, `ContextOverflow`, `ContextTooSmall`, `FirstTokenTimeout`, `StreamStalled`, `StreamCut`, `ReplyEndless`);
 * or the reason of `signal`.
 */
export const chat = async (call: Chat): Promise<ChatReply> => {
  const { host, model } = call;
  const started = performance.now();
  const asked: Asked = { host, model, url: `POST ${host.url}/v1/chat/completions` };
  const wire = createWire(asked, byteLimit(model));
  const deadlines = startDeadlines(model);
  const seen = createCollector(model, call.onText);
  const stop = AbortSignal.any([call.signal, deadlines.signal]);
  let firstTokenMs: number | undefined;

  const charge = (): Usage => {
    const usage = usageOf(call, wire, seen);
    call.onUsage(usage);
    return usage;
  };
  try {
    const stream = await openStream(call, wire, stop);
    charge();
    for await (const chunk of stream) {
      if (!seen.add(chunk)) continue;
      firstTokenMs ??= performance.now() - started;
      deadlines.token();
      charge();
      if (seen.endless() !== undefined) break;
    }
  } catch (error) {
    const cause = why(call, deadlines);
    charge();
    throw cause ?? wire.failure() ?? broken(asked, error, seen, wire);
  } finally {
    deadlines.stop();
  }
  // The charge comes first: whatever this answer is worth, it has been paid for.
  const usage = charge();
  // An abort ends the loop above without an error, so ask why it ended.
  const failure = why(call, deadlines) ?? verdict(call, asked, wire, seen);
  if (failure !== undefined) throw failure;
  checkPrompt(call, asked, usage);
  return {
    ...seen.answer(),
    finish: seen.finish() === 'length' ? 'length' : 'stop',
    ...(seen.finish() === 'content_filter' ? { filtered: true as const } : {}),
    usage,
    ms: performance.now() - started,
    firstTokenMs: firstTokenMs ?? performance.now() - started,
  };
};

const openStream = (call: Chat, wire: Wire, signal: AbortSignal) => {
  const { host, model } = call;
  const client = new OpenAI({
    baseURL: `${host.url}/v1`,
    // The client insists on a key; servers without one ignore it.
    apiKey: call.apiKey ?? 'none',
    organization: null,
    project: null,
    // Retries belong to Temporal: two ladders multiply.
    maxRetries: 0,
    // Time to the headers, which our own clocks bound.
    timeout: 2 ** 31 - 1,
    fetch: wire.fetch,
    logLevel: 'off',
  });
  return client.chat.completions.create(
    {
      model: model.name,
      messages: call.messages.map(({ role, content }) => ({ role, content })),
      stream: true,
      stream_options: { include_usage: true },
      ...(call.tools === undefined || call.tools.length === 0
        ? {}
        : { tools: call.tools as OpenAI.Chat.Completions.ChatCompletionTool[] }),
      ...(call.parameters ?? {
        // Not max_completion_tokens, which Ollama ignores; without a limit it generates up to ten contexts.
        max_tokens: model.maxTokens,
        // Ollama's /v1 takes 1.0 for both when they are absent, whatever the Modelfile says.
        temperature: model.temperature,
        top_p: 0.95,
      }),
    },
    { signal },
  );
};

/** Roughly what a server spends on a token of JSON around it, doubled. */
const byteLimit = (model: ModelSettings): number => model.maxTokens * 2_048 + 512 * 1_024;

/** The server's own count, else an estimate: a call that reached the server has cost its prompt, failed or not. */
const usageOf = (call: Chat, wire: Wire, seen: Collected): Usage => {
  const reported = seen.usage();
  if (reported !== undefined) return { calls: 1, ...reported, estimated: false };
  // Refused outright, or never reached: no token was spent.
  const free = wire.failure() !== undefined;
  return {
    calls: 1,
    promptTokens: free ? 0 : (call.countedTokens ?? call.estimatedTokens),
    completionTokens: Math.max(seen.tokens(), estimateTokens(seen.chars())),
    estimated: !free,
  };
};
