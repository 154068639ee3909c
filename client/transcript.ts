import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Usage } from '../workflows/domain/host/model.ts';

/** One model call of a bead as its transcript keeps it. Files are read leniently: they outlive versions of the town. */
export interface TranscriptCall {
  readonly at: number | string;
  readonly turn: number;
  readonly attempt?: number;
  /** What the call was for; a polecat's turn when left out. */
  readonly role?: string;
  readonly model: string;
  readonly host?: string;
  readonly promptRef?: string;
  readonly replyRef?: string;
  readonly usage?: Usage;
  readonly ms?: number;
  readonly firstTokenMs?: number;
  readonly outcome?: string;
  readonly finish?: string;
  readonly cancelled?: boolean;
  readonly failure?: string | { readonly type?: string; readonly what?: string };
}

/** `bead`: CONVOY/EPIC/BEAD. */
export const transcriptPath = (home: string, bead: string): string =>
  join(home, 'transcripts', `${bead}.jsonl`);

/** The calls of a bead, oldest first; none when it has no transcript. A line that a crash tore is left out. */
export const readTranscript = async (home: string, bead: string): Promise<readonly TranscriptCall[]> => {
  const text = await readFile(transcriptPath(home, bead), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      const call = JSON.parse(line) as TranscriptCall;
      return typeof call.turn === 'number' ? [call] : [];
    } catch {
      return [];
    }
  });
};
