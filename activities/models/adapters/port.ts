import type { ModelSettings } from '../../../workflows/domain/host/model.ts';
import type { Capabilities, HostProbe, ResidentModel } from '../../../workflows/domain/host/probe.ts';
import type { ChatMessage } from '../chat.ts';
import type { CountedPrompt } from '../promptCounter.ts';
import type { Remark } from './remarks.ts';

/** A model that may be called (G8). */
export interface Verified {
  /** The context that was measured; undefined when the server does not say, and the configured one is believed. */
  readonly context: number | undefined;
}

export interface Loaded extends Verified {
  /** The model as calls must name it: where only an alias carries the context, by that. */
  readonly model: ModelSettings;
  /** Bytes that it takes; undefined when the server does not say. */
  readonly bytes: number | undefined;
  /** What loading it took, and unloading what was in its way, ms; 0 when there was nothing to do. */
  readonly loadMs: number;
  readonly unloadMs: number;
  /** What a person should know although it is ready. */
  readonly remarks: readonly Remark[];
}

/**
 * What the town asks of a model server besides chat. Every method throws the failures of a model host; none
 * believes what it did a moment ago: each looks at the server. Loads and unloads of one adapter come one after the other.
 */
export interface HostAdapter {
  /** All that is known of the host now, each field with where it comes from. Loads nothing. */
  probe(signal: AbortSignal): Promise<HostProbe>;
  /** What is in memory now. */
  resident(signal: AbortSignal): Promise<readonly ResidentModel[]>;
  /**
   * Ensures that the model is in memory with the context that its entry promises, beside `keep` and what is reserved for others,
   * and that it can generate. Loads and unloads as needed, which takes minutes. `HostWedged`: it never ends.
   */
  load(model: ModelSettings, keep: readonly ModelSettings[], signal: AbortSignal): Promise<Loaded>;
  /** Whether it still is; loads nothing. Throws `ModelNotResident` when it is gone. */
  check(model: ModelSettings, signal: AbortSignal): Promise<Verified>;
  /** One token of a model that is resident: the only proof against a host that says all is well. Throws `HostWedged`. */
  prove(model: ModelSettings, signal: AbortSignal): Promise<void>;
  /** Ensures that the model is not in memory. Resolves with how long that took, ms. */
  unload(model: ModelSettings, signal: AbortSignal): Promise<number>;
  /** By the server's own tokenizer; undefined where it has none, or not now. */
  countTokens(
    model: ModelSettings,
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): Promise<CountedPrompt | undefined>;
  /** What the server can do, with this model. */
  capabilities(model: ModelSettings, signal: AbortSignal): Promise<Capabilities>;
}
