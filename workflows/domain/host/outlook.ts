import type { Waiting } from '../bead/bead.ts';
import type { Failure } from '../failure.ts';
import type { Pace } from '../pace.ts';

interface Outlook {
  readonly open: readonly string[];
  readonly closed: readonly {
    readonly host: string;
    readonly failure: Failure;
    readonly terminal: boolean;
    /** Its quiet hours end then, epoch ms. */
    readonly until?: number;
  }[];
}

export interface Closed {
  readonly failure: Failure;
  /** Whether the bead should end as blocked rather than wait on. */
  readonly giveUp: boolean;
  /** When another look is due, ms. */
  readonly lookAgainMs: number;
  /** When the first host's quiet hours end, epoch ms: until then nobody is at fault, and no time is anybody's. */
  readonly quietUntil?: number;
}

/**
 * What a waiting call should make of its model's hosts. Undefined while one has it open, or may have soon: waiting for a
 * swap is normal. Hosts that refuse for good, or stay silent, block the bead after the pace's patience; quiet hours end by
 * themselves and block nobody.
 */
export const closedFor = (
  model: string,
  outlook: Outlook,
  at: { readonly waitedMs: number; readonly pace: Pace },
): Closed | undefined => {
  if (outlook.open.length > 0) return;
  const { closed } = outlook;
  const quiet = firstToWake(outlook);
  if (quiet !== undefined) {
    const { failure, until } = quiet;
    return { failure, giveUp: false, lookAgainMs: seldomMs, quietUntil: until };
  }
  const first = closed[0];
  const refused = closed.length > 0 && closed.every(({ terminal }) => terminal);
  const patience = refused ? at.pace.refusedPatienceMs : at.pace.downPatienceMs;
  return {
    failure:
      first === undefined
        ? silent(model)
        : {
            ...first.failure,
            what: `${model} is not served${closed.length > 1 ? ` by any of ${closed.length} hosts` : ''}: ${first.failure.what}`,
          },
    giveUp: at.waitedMs >= patience,
    lookAgainMs: Math.max(patience - at.waitedMs, at.pace.outlookFirstMs),
  };
};

/** Since when a call has waited: the time that hosts are quiet and the time that they are down are told apart. */
export const waitingSince = (before: Waiting | undefined, outlook: Outlook, now: number): number => {
  const quiet = firstToWake(outlook) !== undefined;
  return before !== undefined && (before.failure.type === 'HostQuiet') === quiet ? before.since : now;
};

/** The host whose quiet hours end first. */
const firstToWake = ({ closed }: Outlook) =>
  closed
    .flatMap(({ failure, until }) => (until === undefined ? [] : [{ failure, until }]))
    .toSorted((a, b) => a.until - b.until)
    .at(0);

/** Quiet hours end by themselves, and who waits is called then: a look is only for those who watch. */
const seldomMs = 30 * 60_000;

const silent = (model: string): Failure => ({
  type: 'ModelUnavailable',
  what: `No host reports on the model ${model}.`,
  evidence: 'No process holds the lease of a host that is configured for it.',
  next: 'See the hosts with: gt status; start their workers with: gt up',
});
