import { readFile } from 'node:fs/promises';
import type { Usage } from '../../workflows/domain/host/model.ts';
import type { BeadRef } from '../../workflows/domain/naming.ts';
import type { CallRole } from '../../workflows/ports.ts';
import type { Home } from '../home.ts';
import { createConcealer } from '../secrets/concealer.ts';
import { appendLine } from './appendLine.ts';

/** A stretch of time on one place of a host. */
export interface CallSpan {
  /** The place, from 0. */
  readonly slot: number;
  /** Epoch ms at which it had it. */
  readonly startedAt: number;
  readonly ms: number;
}

/** One model call of a bead: references and numbers; the texts are blobs. */
export interface TranscriptLine {
  /** Epoch ms at which the call ended. */
  readonly at: number;
  readonly turn: number;
  /** Attempt of the activity, from 1: one line each, lost and failed ones too (G7). */
  readonly attempt: number;
  readonly conversation?: number;
  /** What the call was for; a polecat's turn when left out. */
  readonly role?: CallRole;
  readonly model: string;
  readonly host: string;
  readonly promptRef: string;
  /** Hash of the wording of the templates that the prompt was made with. */
  readonly template?: string;
  /** Tokens of the prompt by our own rule. */
  readonly estimatedTokens?: number;
  /** The same by the server's tokenizer, where it has one to ask. */
  readonly countedTokens?: number;
  /** Undefined when the call gave no reply. */
  readonly replyRef?: string;
  /** Further replies to the same prompt; `usage` is of all of them. */
  readonly spareRefs?: readonly string[];
  readonly usage: Usage;
  readonly ms: number;
  readonly firstTokenMs?: number;
  /** Where on the host it ran, and since when (epoch ms); undefined when it never got a place, and in older lines. */
  readonly slot?: number;
  readonly startedAt?: number;
  /** How long it was wanted before. */
  readonly waitedMs?: number;
  /** Further replies that ran beside it. */
  readonly spares?: readonly CallSpan[];
  /** `stop`, `length`, `cancelled`, or the type of the failure. */
  readonly outcome: string;
  /** One line of what went wrong. */
  readonly failure?: string;
}

export interface Transcripts {
  append(bead: BeadRef, line: TranscriptLine): Promise<void>;
  /** Oldest first; [] for a bead without calls. A line that a crash tore is left out. */
  read(bead: BeadRef): Promise<TranscriptLine[]>;
}

/** Transcripts as JSON lines under the home: derived, for people and reports; nothing decides by them (G4). */
export const createTranscripts = (home: Home, { conceal } = createConcealer()): Transcripts => ({
  append: (bead, line) => appendLine(home.transcript(bead), conceal(JSON.stringify(line))),

  async read(bead) {
    let text: string;
    try {
      text = await readFile(home.transcript(bead), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return text.split('\n').flatMap(parsed);
  },
});

const parsed = (line: string): TranscriptLine[] => {
  if (line === '') return [];
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'turn' in value ? [value as TranscriptLine] : [];
  } catch {
    return [];
  }
};
