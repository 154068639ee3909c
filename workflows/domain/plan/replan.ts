/** A bead that its polecats could not do: what the mayor is asked for it, and what its person is told (G9: nothing of it starts by itself). */
import { counted } from '../amounts.ts';
import type { Proposal } from '../bead/proposal.ts';
import type { ConvoySettings } from '../convoy.ts';
import type { Failure, FailureType } from '../failure.ts';
import type { Usage } from '../host/model.ts';
import type { BeadRef } from '../naming.ts';
import type { MayorSettings } from './mayor.ts';

/** The input of the workflow `replan`. */
export interface ReplanInput {
  readonly ref: BeadRef;
  readonly rig: string;
  readonly target: string;
  readonly title: string;
  readonly taskRef: string;
  /** Why it is blocked. */
  readonly failure: Failure;
  /** The other beads of its epic. */
  readonly others: readonly { readonly bead: string; readonly title: string; readonly state: string }[];
  readonly mayor: MayorSettings;
  /** What the convoy runs with; its budget is what may be spent on this. */
  readonly settings: ConvoySettings;
}

export interface ReplanResult {
  /** What the mayor proposes instead; none when it could not. */
  readonly proposals: readonly Proposal[];
  /** Texts that look as if they had orders for somebody. */
  readonly alarms: number;
  readonly failure: Failure | undefined;
  readonly usage: Usage;
}

/** A re-plan of one bead that is larger than this is another epic. */
export const mostReplanBeads = 6;

const replannable: readonly FailureType[] = ['Stalled', 'AttemptsExhausted', 'ReplanNeeded'];

/** Whether another cut of the work may help: the models could not do it as it is. */
export const mayReplan = (failure: Failure | undefined): failure is Failure =>
  failure !== undefined && replannable.includes(failure.type);

/** How long a person is not told of a blocked bead because the mayor is asked first, ms. */
export const mayorFirstMs = 10 * 60_000;

/** The failure of the bead with what came of asking. Nothing of it is the mayor's text. */
export const afterReplan = (
  failure: Failure,
  convoy: string,
  { proposals, alarms, failure: why }: Pick<ReplanResult, 'proposals' | 'alarms' | 'failure'>,
): Failure => {
  if (proposals.length === 0)
    return {
      ...failure,
      what: `${failure.what} The mayor has no other plan for it${why === undefined ? '' : ` (${why.type}: ${why.what})`}.`,
    };
  const [beads, wait, them] =
    proposals.length === 1 ? ['1 bead', 'waits', 'it'] : [counted(proposals.length, 'bead'), 'wait', 'them'];
  const alarm =
    alarms === 0 ? '' : ` ${counted(alarms, 'alarm')}: the text looks as if it had orders for somebody.`;
  return {
    ...failure,
    what: `${failure.what} The mayor proposes ${beads} instead, which ${wait} for you; see ${them} with: gt convoy proposals ${convoy}.${alarm}`,
  };
};
