/** What is known of a host, each field with where it comes from. */

/** Asked of the server now, written by a person, or not to be had. */
export type Provenance = 'measured' | 'configured' | 'unknown';

export interface Told<T> {
  readonly value: T | undefined;
  readonly from: Provenance;
  /** What told it, such as `GET /api/ps` or `hosts.desk.slots`. */
  readonly by: string;
}

/** What a server turned out to be, by its answers. */
export type Flavour =
  | 'ollama'
  | 'llama-server'
  | 'llama-router'
  | 'llama-swap'
  | 'vllm'
  | 'lm-studio'
  | 'openai'
  | 'command';

/** A model that takes memory of the host now. */
export interface ResidentModel {
  /** The host's own name for it. */
  readonly name: string;
  /** What names the weights: equal for all names of one file. */
  readonly id: string;
  /** `present`: the server lists it and does not tell more. */
  readonly state: 'loading' | 'ready' | 'leaving' | 'sleeping' | 'present';
  /** Tokens that one request gets. */
  readonly context: Told<number>;
  /** Weights and cache, and how much of it is in the memory of graphics cards. */
  readonly bytes: Told<number>;
  readonly inGpu: Told<number>;
  /** Whether it stays until somebody says otherwise; undefined where servers have no such thing. */
  readonly kept?: boolean | undefined;
}

export interface Capabilities {
  /** Whether the town can load and unload models there. */
  readonly load: Told<boolean>;
  readonly unload: Told<boolean>;
  /** Whether prompts can be counted before they are sent. */
  readonly tokenizer: Told<boolean>;
  /** Native calls of tools, and replies held to a JSON schema. */
  readonly tools: Told<boolean>;
  readonly jsonSchema: Told<boolean>;
}

export interface HostProbe {
  /** From the front to the back: a proxy first, then what it turned out to stand before. */
  readonly flavours: readonly Flavour[];
  readonly software: Told<string>;
  readonly version: Told<string>;
  /** Names of all models that it could serve. */
  readonly models: Told<readonly string[]>;
  readonly resident: Told<readonly ResidentModel[]>;
  /** Bytes for models. */
  readonly memory: Told<number>;
  readonly used: Told<number>;
  /** Calls at once. */
  readonly slots: Told<number>;
  /** Calls that generate, and calls that wait in the server, of whomever. */
  readonly running: Told<number>;
  readonly waiting: Told<number>;
  readonly capabilities: Capabilities;
}

/** What the server said, if it did say something. */
export const measured = <T>(value: T | undefined, by: string): Told<T> => ({
  value,
  from: value === undefined ? 'unknown' : 'measured',
  by,
});

export const unknown = (by = ''): Told<never> => ({ value: undefined, from: 'unknown', by });

export const configured = <T>(value: T | undefined, by: string): Told<T> => ({
  value,
  from: value === undefined ? 'unknown' : 'configured',
  by,
});

/** The first that is known: what was measured stands against what was configured. Else the last place that was looked at. */
export const firstKnown = <T>(...told: readonly Told<T>[]): Told<T> =>
  told.find(({ from }) => from === 'measured') ??
  told.find(({ from }) => from === 'configured') ??
  told.at(-1) ??
  unknown();
