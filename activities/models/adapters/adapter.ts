import type { HostKind, HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import { createOllamaAdapter } from './ollama.ts';
import { createOpenAiAdapter } from './openai.ts';

/** A model as the host holds it. */
export interface ResidentModel {
  /** The host's own name for it. */
  readonly name: string;
  /** Tokens that one request gets; undefined when the server does not say. */
  readonly context: number | undefined;
}

/** A model that may be called (G8). */
export interface Verified {
  /** The context that was measured; undefined when the server does not say, and the configured one is believed. */
  readonly context: number | undefined;
}

/**
 * What the town asks of a model server besides chat. Every method throws the failures of a model host; none
 * believes what it did a moment ago: each looks at the server.
 */
export interface HostAdapter {
  /** What is in memory now. */
  resident(signal: AbortSignal): Promise<readonly ResidentModel[]>;
  /**
   * Ensures that the model is in memory with the context that its entry promises, beside `keep` and nothing
   * else, and that it can generate. Loads and unloads as needed, which takes minutes.
   */
  ensureResident(
    model: ModelSettings,
    keep: readonly ModelSettings[],
    signal: AbortSignal,
  ): Promise<Verified>;
  /** Whether it still is; loads nothing. Throws `ModelNotResident` when it is gone. */
  check(model: ModelSettings, signal: AbortSignal): Promise<Verified>;
  /** Ensures that the model is not in memory. A busy one ends its work first. */
  unload(model: ModelSettings, signal: AbortSignal): Promise<void>;
}

const adapters: Readonly<Record<HostKind, (host: HostSettings, apiKey: string | undefined) => HostAdapter>> =
  {
    ollama: createOllamaAdapter,
    openai: createOpenAiAdapter,
  };

export const createAdapter = (host: HostSettings, apiKey: string | undefined): HostAdapter =>
  adapters[host.kind](host, apiKey);
