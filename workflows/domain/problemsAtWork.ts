/** What may need a person of beads that are still at work, and of budgets before and after they end. */
import { amount } from './amounts.ts';
import type { Found } from './problems.ts';
import type { BeadStatus, ConvoyStatus, TownStatus } from './report.ts';

/** The share of a budget from which a person is told. */
const nearly = 0.8;

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
  ...convoys.flatMap(({ convoy, state, tokens }) =>
    ['running', 'paused'].includes(state)
      ? budget([convoy], 'The convoy', tokens.spent, tokens.granted, `gt budget raise ${convoy} N`)
      : [],
  ),
  ...(town === undefined || convoys.every(({ state }) => state !== 'running')
    ? []
    : budget(
        ['the day’s budget'],
        'The town',
        town.tokens.spent ?? town.tokens.granted,
        town.tokens.perDay,
        'gt budget raise-day N',
      )),
];

const budget = (
  about: readonly string[],
  who: string,
  spent: number,
  granted: number | undefined,
  command: string,
): readonly Found[] => {
  if (granted === undefined || spent < nearly * granted) return [];
  const over = spent >= granted;
  return [
    {
      ...{
        kind: 'overBudget',
        severity: 'warning',
        about,
        type: over ? 'BudgetExhausted' : 'BudgetNearlySpent',
      },
      what: `${who} has used ${amount(spent)} of ${amount(granted)} tokens${over ? ': no new call begins' : ''}.`,
      evidence: '',
      next: `To let it go on: \`${command}\``,
    },
  ];
};

/** The open beads of a convoy whose own words are worth asking for. */
export const openBeadKeys = ({ epics }: ConvoyStatus): readonly { epic: string; bead: string }[] =>
  epics.flatMap(({ epic, beads }) =>
    beads
      .filter(({ state }) => !['pending', 'held', 'landed', 'blocked', 'cancelled'].includes(state))
      .map(({ bead }) => ({ epic, bead })),
  );
