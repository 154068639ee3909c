/** The port of the queues `llm.<model>`, pulled by any host on which the model is resident. */
import type { Usage } from '../domain/model.ts';
import type { BeadRef } from '../domain/naming.ts';

export interface InferencePort {
  /** One model call on whichever host has the model open. */
  infer(request: Infer): Promise<Inferred>;
}

export interface Infer {
  readonly model: string;
  readonly promptRef: string;
  readonly estimatedTokens: number;
  readonly bead: BeadRef;
  readonly turn: number;
}

export interface Inferred {
  readonly replyRef: string;
  readonly finish: 'stop' | 'length';
  readonly host: string;
  /** Of this call and of attempts of it that were lost (G7). */
  readonly usage: Usage;
  readonly ms: number;
  readonly firstTokenMs: number;
}

/** Heartbeat details of `infer`, and details of its failure or cancellation: what has been spent so far. */
export interface InferProgress {
  readonly usage: Usage;
  readonly host: string;
  /** How long the host wants to be left alone. */
  readonly retryAfterMs?: number;
}
