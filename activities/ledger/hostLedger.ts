import { rename, stat } from 'node:fs/promises';
import { afterNote, type HostNote, noSwapYet, type SwapState } from '../../workflows/domain/host/hostNote.ts';
import { type Counts, uncounted } from '../counts/counts.ts';
import type { Home } from '../home.ts';
import { appendLine } from './appendLine.ts';

/** Where the holder of a host's lease notes what becomes of its models. */
export interface HostLedger {
  /** Notes and counts something that has happened now. Never fails, and keeps nobody waiting. */
  note(host: string, note: Omit<HostNote, 'at'>): void;
  /** Notes the begin and the end of the server's work on models, however that ends. */
  during<T>(
    host: string,
    kind: 'load' | 'unload',
    models: readonly string[],
    work: () => Promise<T>,
  ): Promise<T>;
  /** Resolves when all that was noted is written. */
  settled(): Promise<void>;
}

export interface HostLedgerParts {
  readonly counts?: Counts;
  /** A file that is longer begins anew, bytes. */
  readonly maxBytes?: number;
  readonly now?: () => number;
}

const defaultMaxBytes = 4 * 2 ** 20;

/** Ledgers as JSON lines under the home, one file a host: derived, for people and pictures; nothing decides by them (G4). */
export const createHostLedger = (home: Pick<Home, 'fleet'>, parts: HostLedgerParts = {}): HostLedger => {
  const { counts = uncounted, maxBytes = defaultMaxBytes, now = Date.now } = parts;
  const states = new Map<string, SwapState>();
  let written = Promise.resolve();

  const write = async (host: string, note: HostNote): Promise<void> => {
    const path = home.fleet(host);
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    // Beside it, where the picture still finds it and `gt prune` takes it in time.
    if (size > maxBytes) await rename(path, path.replace(/jsonl$/, `${note.at}.jsonl`));
    await appendLine(path, JSON.stringify(note));
  };

  const ledger: HostLedger = {
    note(host, what) {
      const note: HostNote = { at: now(), ...what };
      const { state, swap } = afterNote(states.get(host) ?? noSwapYet, note);
      states.set(host, state);
      countNote(counts, host, note);
      if (swap !== undefined) {
        counts.add('swaps', { host });
        counts.observe('swapSeconds', { host }, swap.ms / 1_000);
      }
      // One after the other, so that lines stand in order. A host that serves must not stop because its story cannot be told.
      written = written.then(() => write(host, note)).catch(() => undefined);
    },

    async during(host, kind, models, work) {
      const started = performance.now();
      const ended = (failure: object): void =>
        ledger.note(host, {
          kind: `${kind}-ends`,
          models,
          ms: Math.round(performance.now() - started),
          ...failure,
        });
      ledger.note(host, { kind: `${kind}-begins`, models });
      try {
        const result = await work();
        ended({});
        return result;
      } catch (error) {
        ended({ failure: typeOf(error) });
        throw error;
      }
    },

    settled: () => written,
  };
  return ledger;
};

const countNote = (counts: Counts, host: string, { kind, models, ms = 0, failure }: HostNote): void => {
  for (const model of models) {
    if (kind === 'opens' || kind === 'closes')
      counts.set('modelOpen', { host, model }, kind === 'opens' ? 1 : 0);
    if (kind !== 'load-ends') continue;
    if (failure === undefined) counts.observe('loadSeconds', { host, model }, ms / 1_000);
    else counts.add('loadFailures', { host, model, reason: failure });
  }
};

/** The type of a failure of ours; else a word that stands for all others. */
const typeOf = (error: unknown): string =>
  error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : 'other';
