/** What may need a person of beads that are still at work, and of budgets before and after they end. */
import { useText } from '../budget/budgetNear.ts';
import {
  type BudgetUse,
  nearCaps,
  nearOf,
  shareText,
  usesOfConvoy,
  usesOfDay,
  usesOfEpics,
} from '../budget/budgetUse.ts';
import type { Found } from './problems.ts';
import type { BeadStatus, ConvoyStatus, TownStatus } from './report.ts';

/** A bead that waits for a host: the town goes on by itself when that comes back. */
export const waitingProblem = ({ bead, waiting }: BeadStatus): readonly Found[] => {
  if (waiting === undefined || passing.includes(waiting.failure.type)) return [];
  const { type, what, evidence, next } = waiting.failure;
  return [
    {
      ...{ kind: 'stuck', severity: 'warning', about: [bead], type, what, evidence, next },
      since: waiting.since,
    },
  ];
};

/** Quiet hours end, and a model gets its turn. */
const passing: readonly string[] = ['HostQuiet', 'ModelNotResident', 'HostBusy'];

/** A bead in circles: the remedies of the town come first, so this is for who happens to look. */
export const circleProblem = ({ bead, stall, state, waiting }: BeadStatus): readonly Found[] =>
  stall === undefined || waiting !== undefined || ['landed', 'blocked', 'cancelled'].includes(state)
    ? []
    : [
        {
          ...{ kind: 'stuck', severity: 'info', about: [bead], type: 'Circling' },
          what: `It goes round in circles: ${stall}.`,
          evidence: '',
          next: `See its turns with \`gt bead log ${bead}\`, and help with \`gt nudge ${bead} "TEXT"\`.`,
        },
      ];

/** Budgets of convoys and of the day that are nearly or wholly used up. */
export const budgetProblems = (
  convoys: readonly ConvoyStatus[],
  town: TownStatus | undefined,
): readonly Found[] => [
  ...convoys.flatMap((one) =>
    ['running', 'paused'].includes(one.state)
      ? [
          ...nearOf(usesOfConvoy(one)).map((use) =>
            budget([one.convoy], 'The convoy', use, `gt budget raise ${one.convoy}`, one.currency),
          ),
          ...usesOfEpics(one).flatMap(({ epic, ...use }) => {
            const whose = `${one.convoy}/${epic}`;
            return nearOf([use]).map((near) =>
              budget([whose], 'The epic', near, `gt budget raise ${whose}`, one.currency),
            );
          }),
        ]
      : [],
  ),
  ...(town === undefined || convoys.every(({ state }) => state !== 'running')
    ? []
    : nearOf(usesOfDay(town)).map((use) =>
        budget(['the day’s budget'], 'The town', use, 'gt budget raise-day', town.currency),
      )),
];

/** A bead at work that has nearly used up a cap: it may well end before it does. */
export const capProblem = ({ bead, state, spent, caps }: BeadStatus): readonly Found[] => {
  const near = ['landed', 'blocked', 'cancelled'].includes(state) ? [] : nearCaps(spent, caps);
  if (near.length === 0) return [];
  const used = near.map((use) => `${shareText(use)} of its ${use.of}`).join(', ');
  return [
    {
      ...{ kind: 'overBudget', severity: 'info', about: [bead], type: 'BudgetNear' },
      what: `It has used ${used}.`,
      evidence: '',
      next: `When it is blocked for that, it goes on with more: \`gt bead show ${bead}\` says how.`,
    },
  ];
};

const budget = (
  about: readonly string[],
  who: string,
  use: BudgetUse,
  command: string,
  currency: string | undefined,
): Found => {
  const over = use.spent >= use.granted;
  return {
    ...{ kind: 'overBudget', severity: 'warning', about, type: over ? 'BudgetExhausted' : 'BudgetNear' },
    what: `${who} has used ${useText(use, currency)}${over ? ': no new call begins' : ''}.`,
    evidence: '',
    next: `To let it go on: \`${command} ${use.of === 'money' ? '--money AMOUNT' : 'N'}\``,
  };
};

/** The open beads of a convoy whose own words are worth asking for. */
export const openBeadKeys = ({ epics }: ConvoyStatus): readonly { epic: string; bead: string }[] =>
  epics.flatMap(({ epic, beads }) =>
    beads
      .filter(({ state }) => !['pending', 'held', 'landed', 'blocked', 'cancelled'].includes(state))
      .map(({ bead }) => ({ epic, bead })),
  );
