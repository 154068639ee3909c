import type { BeadRef } from '../../workflows/domain/naming.ts';
import type { Home } from '../home.ts';
import { createConcealer } from '../secrets/concealer.ts';
import { appendLine } from './appendLine.ts';

/** One run of a bead's own gates: numbers, first lines, and blobs with the whole logs. */
export interface GateRecord {
  /** Epoch ms at which it ended. */
  readonly at: number;
  /** The commit that was gated. */
  readonly head: string;
  /** Blob of what the turn has changed. */
  readonly diffRef?: string | undefined;
  readonly verdict: 'green' | 'red';
  readonly ms: number;
  readonly gates: readonly { readonly gate: string; readonly passed: boolean; readonly ms: number }[];
  readonly failures: readonly {
    readonly gate: string;
    readonly summary: string;
    readonly logRef?: string | undefined;
  }[];
}

export interface GateRecords {
  append(bead: BeadRef, record: GateRecord): Promise<void>;
}

/** Runs of gates as JSON lines beside the transcripts: derived, for people; nothing decides by them (G4). */
export const createGateRecords = (home: Home, { conceal } = createConcealer()): GateRecords => ({
  append: (bead, record) => appendLine(home.gateRecords(bead), conceal(JSON.stringify(record))),
});
