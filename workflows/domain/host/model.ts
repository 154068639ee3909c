import type { EditForm } from '../bead/editForm.ts';
import type { Price } from '../budget/money.ts';

/** A model that the town may call, as configured. */
export interface ModelSettings {
  /** A slug: the name of the queue and of the model in plans and reports. */
  readonly key: string;
  /** The name that the host knows it by. */
  readonly name: string;
  /** Tokens of context that one request may count on (G8). */
  readonly context: number;
  /** Most tokens of one reply; always sent, since servers without it generate without end. */
  readonly maxTokens: number;
  readonly temperature: number;
  /** The form that it gives changes in; `auto`: as measured. */
  readonly edits?: EditForm | 'auto';
  readonly tier: string;
  readonly hosts: readonly string[];
  /** From the request to the first token: queue, load and prompt together. */
  readonly firstTokenMs: number;
  /** Longest silence between two tokens. */
  readonly idleMs: number;
  /** The whole call. */
  readonly callTimeoutMs: number;
  /** What its calls cost; undefined on machines that are paid for. */
  readonly price?: Price;
}

export type HostKind = 'ollama' | 'openai';

/** A machine that serves models, as configured. */
export interface HostSettings {
  readonly name: string;
  readonly kind: HostKind;
  /** Base URL without a path, e.g. `http://127.0.0.1:11434`. */
  readonly url: string;
  /** Calls at once. */
  readonly slots: number;
  /** Whether several of its models may be open at a time. */
  readonly coresident: boolean;
  /** Name of the environment variable that holds the key; the key itself never leaves the process. */
  readonly apiKeyEnv: string | undefined;
  /** Times of the day in which no new call begins. */
  readonly quiet: readonly ClockSpan[];
}

/** A span of the day in minutes since midnight; over midnight when `from` is after `to`. */
export interface ClockSpan {
  readonly from: number;
  readonly to: number;
}

/** Tokens of one or more calls. G7: failed, truncated and unparsed calls count too. */
export interface Usage {
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Whether some of the numbers are estimates because the server reported none. */
  readonly estimated: boolean;
  /** In millionths of the town's currency; undefined where no model had a price. */
  readonly money?: number;
}

export const noUsage: Usage = { calls: 0, promptTokens: 0, completionTokens: 0, estimated: false };

export const addUsage = (a: Usage, b: Usage): Usage => ({
  calls: a.calls + b.calls,
  promptTokens: a.promptTokens + b.promptTokens,
  completionTokens: a.completionTokens + b.completionTokens,
  estimated: a.estimated || b.estimated,
  ...(a.money === undefined && b.money === undefined ? {} : { money: spentMoney(a) + spentMoney(b) }),
});

export const totalTokens = (usage: Usage): number => usage.promptTokens + usage.completionTokens;

/** In millionths of the town's currency. */
export const spentMoney = ({ money = 0 }: Usage): number => money;
