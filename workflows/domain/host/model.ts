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
  /** Of a host's memory, weights and context together; undefined: unknown. */
  readonly memoryBytes?: number;
  /** Models of the same weights differ only in context; its name when left out. */
  readonly weights?: string;
  /** What to expect of loading and unloading it before that was measured. */
  readonly loadMs?: number;
  readonly unloadMs?: number;
  /** What its calls cost; undefined on machines that are paid for. */
  readonly price?: Price;
}

/** Names the weights of a model. */
export const weightsOf = ({ weights, name }: Pick<ModelSettings, 'weights' | 'name'>): string =>
  weights ?? name;

/**
 * Where models are loaded and how. `openai`: by the server's own paths, as far as it has such; `command`: by what the
 * configuration says.
 */
export type HostKind = 'ollama' | 'openai' | 'command';

/** A value as JSON has it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * A program with its arguments, run without a shell, or a call to the host. `{model}` stands for the name of a model and
 * `{context}` for its tokens.
 */
export type HostCommand =
  | { readonly argv: readonly string[] }
  | { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: Json };

/** How a host of kind `command` is told what to do. */
export interface HostCommands {
  /** Says what is in memory, as JSON or with a name on each line; where there is none, what is listed counts as resident. */
  readonly probe?: HostCommand | undefined;
  readonly load: HostCommand;
  readonly unload?: HostCommand | undefined;
}

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
  /** For models; undefined: unknown. */
  readonly memoryBytes?: number;
  /** Of that, what is left to others who use the machine. */
  readonly reserveBytes?: number;
  /** Name of the environment variable that holds the key; the key itself never leaves the process. */
  readonly apiKeyEnv: string | undefined;
  /** Of a vLLM: whether the town may put it to sleep and wake it. */
  readonly sleep?: boolean;
  /** Of kind `command`. */
  readonly commands?: HostCommands;
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
