import type { Failure } from './failure.ts';
import type { Pace } from './pace.ts';

interface Outlook {
  readonly open: readonly string[];
  readonly closed: readonly {
    readonly host: string;
    readonly failure: Failure;
    readonly terminal: boolean;
  }[];
}

export interface Closed {
  readonly failure: Failure;
  /** Whether the bead should end as blocked rather than wait on. */
  readonly giveUp: boolean;
  /** When another look is due, ms. */
  readonly lookAgainMs: number;
}

/**
 * What a waiting call should make of its model's hosts. Undefined while one has it open, or may have soon: waiting for a
 * swap is normal. Hosts that refuse for good, or stay silent, block the bead after the pace's patience.
 */
export const closedFor = (
  model: string,
  outlook: Outlook,
  at: { readonly waitedMs: number; readonly pace: Pace },
): Closed | undefined => {
  if (outlook.open.length > 0) return;
  const { closed } = outlook;
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

const silent = (model: string): Failure => ({
  type: 'ModelUnavailable',
  what: `No host reports on the model ${model}.`,
  evidence: 'No process holds the lease of a host that is configured for it.',
  next: 'See the hosts with: gt status; start their workers with: gt up',
});
