/** The port of the queues `llm.<model>`, pulled by any host on which the model is resident. */
import type { CallRole } from '../domain/host/callRole.ts';
import type { Usage } from '../domain/host/model.ts';
import type { BeadRef } from '../domain/naming.ts';

export interface InferencePort {
  /** One model call on whichever host has the model open. */
  infer(request: Infer): Promise<Inferred>;
}

export type { CallRole } from '../domain/host/callRole.ts';

export interface Infer {
  readonly model: string;
  readonly promptRef: string;
  readonly estimatedTokens: number;
  readonly bead: BeadRef;
  readonly turn: number;
  /** Of the bead, from 1. */
  readonly conversation?: number;
  /** What the call is for; a polecat's turn when left out. */
  readonly role?: CallRole;
  /** Replies wanted to this one prompt, on slots of the host that are idle; one when left out. */
  readonly samples?: number;
}

export interface Inferred {
  readonly replyRef: string;
  readonly finish: 'stop' | 'length';
  readonly host: string;
  /** Of this call and of attempts of it that were lost (G7). */
  readonly usage: Usage;
  readonly ms: number;
  readonly firstTokenMs: number;
  /** Further replies to the same prompt; their cost is in `usage`. */
  readonly spareRefs?: readonly string[];
}

/** Heartbeat details of `infer`, and details of its failure or cancellation: what has been spent so far. */
export interface InferProgress {
  readonly usage: Usage;
  readonly host: string;
  /** How long the host wants to be left alone. */
  readonly retryAfterMs?: number;
}
