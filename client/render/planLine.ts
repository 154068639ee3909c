import { totalTokens } from '../../workflows/domain/host/model.ts';
import type { PlanStatus } from '../../workflows/domain/plan/planning.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { amount, counted } from './amounts.ts';

/** One plan of the mayor's in a line. */
export const planLine = (status: PlanStatus): string =>
  `${status.convoy} ${status.state}: ${oneLine(status.title, 60)} (${status.draft === undefined ? 'no plan' : counted(status.draft.beads, 'bead')}, ` +
  `${amount(totalTokens(status.usage))} tokens by ${oneLine(status.mayor, 40)})`;

/** What a person may do with those that are open. */
export const openPlanLines = (plans: readonly PlanStatus[]): readonly string[] => [
  ...plans.map(planLine),
  ...plans
    .filter(({ state }) => state === 'waiting')
    .slice(0, 1)
    .map(({ convoy }) => `Next: gt plan show ${convoy}`),
];
