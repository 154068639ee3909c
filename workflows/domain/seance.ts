/** Asking the model that did a bead about it, from its transcript. */
import type { ConvoySettings } from './convoy.ts';
import type { Usage } from './host/model.ts';
import type { BeadRef } from './naming.ts';
import type { OwnMayor } from './plan/mayor.ts';

/** The input of the workflow `seance`. */
export interface SeanceInput {
  readonly ref: BeadRef;
  /** Blob of the question. */
  readonly questionRef: string;
  /** The model that is asked, through its queue. */
  readonly medium: OwnMayor;
  /** Counts the questions about this bead, from 1. */
  readonly number: number;
  readonly settings: ConvoySettings;
}

export interface SeanceResult {
  readonly replyRef: string;
  readonly finish: 'stop' | 'length';
  readonly model: string;
  readonly usage: Usage;
}

/** Under which name these calls are in the transcripts, so that the bead's own stays what it did. */
export const seanceCalls = ({ convoy, bead }: BeadRef): BeadRef => ({ convoy, epic: 'seance', bead });

/** Longest question, characters. */
export const longestQuestion = 8_000;
