import { activityInfo } from '@temporalio/activity';
import type { Usage } from '../../workflows/domain/host/model.ts';
import type { CallRole } from '../../workflows/ports.ts';
import { type Counts, countLatency, countTokens, uncounted } from '../counts/counts.ts';
import type { CallSpan, TranscriptLine } from '../ledger/transcripts.ts';

/** What is counted and remembered of one call besides what was said. */
export interface Tally {
  /** It has a place on the host. */
  entered(slot: number): void;
  /** Another reply to the same prompt, on a place of its own. */
  spare<T>(slot: number, ask: () => Promise<T>): Promise<T>;
  /** Counts it, once. A call that never reached the host was refused by the gate. */
  ended(outcome: string, usage: Usage): void;
  /** Where and when it ran, for its line in the transcript. */
  where(): Pick<TranscriptLine, 'slot' | 'startedAt' | 'waitedMs' | 'spares'>;
}

export interface TallyOptions {
  readonly counts: Counts | undefined;
  readonly host: string;
  readonly model: string;
  readonly role: CallRole | undefined;
  readonly tier: string;
  /** How soon a reply is expected, from the queue to its last token, ms. */
  readonly targetMs: number | undefined;
}

/** Begins with the activity `infer`. */
export const startTally = (options: TallyOptions): Tally => {
  const { counts = uncounted, host, model, role, tier, targetMs } = options;
  const wantedAt = activityInfo().currentAttemptScheduledTimestampMs;
  const spares: CallSpan[] = [];
  let own: (Omit<CallSpan, 'ms'> & { readonly waitedMs: number }) | undefined;
  const held = (since: number): number => {
    const ms = Math.max(0, Date.now() - since);
    counts.observe('callSeconds', { host, model }, ms / 1_000);
    return ms;
  };
  return {
    entered(slot) {
      const startedAt = Date.now();
      // The server's clock began it, and that may be another machine's.
      own = { slot, startedAt, waitedMs: Math.max(0, startedAt - wantedAt) };
      counts.observe('waitSeconds', { model }, own.waitedMs / 1_000);
    },
    async spare(slot, ask) {
      const startedAt = Date.now();
      try {
        return await ask();
      } finally {
        spares.push({ slot, startedAt, ms: held(startedAt) });
      }
    },
    ended(outcome, usage) {
      const isCancelled = outcome === 'cancelled';
      if (usage.calls > 0) counts.add('calls', { host, model, outcome });
      else if (!isCancelled) counts.add('callsRefused', { host, model, reason: outcome });
      countTokens(counts, model, usage);
      if (own !== undefined) held(own.startedAt);
      const isReply = outcome === 'stop' || outcome === 'length';
      if (isReply) countLatency(counts, tier, targetMs, Math.max(0, Date.now() - wantedAt));
      if (isReply && (role ?? 'polecat') === 'polecat') counts.add('turns', { model });
    },
    where: () => ({ ...own, ...(spares.length === 0 ? {} : { spares: [...spares] }) }),
  };
};
