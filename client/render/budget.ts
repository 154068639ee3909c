import { useText } from '../../workflows/domain/budget/budgetNear.ts';
import {
  type BudgetUse,
  nearOf,
  shareText,
  usesOfConvoy,
  usesOfDay,
  usesOfEpics,
} from '../../workflows/domain/budget/budgetUse.ts';
import { moneyText, unitsText } from '../../workflows/domain/budget/money.ts';
import { beadKey } from '../../workflows/domain/naming.ts';
import type { ConvoyStatus, EpicStatus, TownStatus } from '../../workflows/domain/report/report.ts';
import { amount } from './amounts.ts';
import { table } from './table.ts';
import { type Terminal, wrap } from './terminal.ts';

/** `12.3k tokens of 5.0M, 0.42 of 5.00 EUR`: what has no budget, and costs nothing, is left out. */
export const spentText = (status: ConvoyStatus): string => {
  const { spent, granted } = status.tokens;
  return [
    `${amount(spent)} tokens${granted === undefined ? '' : ` of ${amount(granted)}`}`,
    ...moneyParts(status),
  ].join(', ');
};

/** The money alone: nothing, or one text. */
export const moneyParts = ({ money, currency }: ConvoyStatus): readonly string[] => {
  if (money === undefined) return [];
  const { spent, granted } = money;
  return [
    granted === undefined
      ? moneyText(spent, currency)
      : `${unitsText(spent)} of ${moneyText(granted, currency)}`,
  ];
};

/** A line for each budget of a convoy that is nearly used up, as long as more of it could be spent. */
export const nearLines = (status: ConvoyStatus, terminal: Terminal): readonly string[] =>
  ['done', 'failed', 'cancelled'].includes(status.state)
    ? []
    : usesIn(status)
        .filter(({ use }) => nearOf([use]).length > 0)
        .flatMap(({ whose, use }) =>
          warning(
            `The budget of ${whose} is used to ${shareText(use)} (${useText(use, status.currency)}): ${raiseOf(use, `gt budget raise ${whose}`)}`,
            terminal,
          ),
        );

/** Of the convoy, then of its epics. */
const usesIn = (status: ConvoyStatus): readonly { readonly whose: string; readonly use: BudgetUse }[] => [
  ...usesOfConvoy(status).map((use) => ({ whose: status.convoy, use })),
  ...usesOfEpics(status).map(({ epic, ...use }) => ({ whose: `${status.convoy}/${epic}`, use })),
];

/** The same of the day. */
export const nearDayLines = (town: TownStatus): readonly string[] =>
  nearOf(usesOfDay(town)).map(
    (use) =>
      `           used to ${shareText(use)} (${useText(use, town.currency)}): ${raiseOf(use, 'gt budget raise-day')}`,
  );

const raiseOf = ({ of }: BudgetUse, command: string): string =>
  `${command} ${of === 'money' ? '--money AMOUNT' : 'N'}`;

/** A line for each bead at work that has nearly used up a cap. */
export const nearBeadLines = ({ convoy, epic, beads }: EpicStatus, terminal: Terminal): readonly string[] =>
  beads.flatMap(({ bead, near = [] }) =>
    near.length === 0
      ? []
      : warning(
          `  ${beadKey({ convoy, epic, bead })} has used ${near.map((use) => `${shareText(use)} of its ${use.of}`).join(', ')}`,
          terminal,
        ),
  );

const warning = (text: string, { width, paint }: Terminal): readonly string[] =>
  wrap(text, width).map((line) => paint('yellow', line));

/** Every budget that there is: of the day, then of the convoys that run. */
export const budgetPage = (
  town: TownStatus | undefined,
  convoys: readonly ConvoyStatus[],
  { width, paint }: Terminal,
): readonly string[] => {
  const rows = [
    ...(town === undefined ? [] : usesOfDay(town).map((use) => row('the day', use, town.currency))),
    ...convoys.flatMap((one) => usesIn(one).map(({ whose, use }) => row(whose, use, one.currency))),
  ];
  if (rows.length === 0)
    return [
      'Nothing has a budget. Set one in gastown.yaml (town.budget, limits), or launch with --tokens N.',
    ];
  const [head = '', ...lines] = table(
    [
      { title: 'budget of' },
      { title: 'spent', align: 'right' },
      { title: 'used', align: 'right' },
      { title: 'raise it', gives: true },
    ],
    rows.map(({ cells }) => cells),
    width,
  );
  return [paint('dim', head), ...lines.map((line, at) => (rows[at]?.near ? paint('yellow', line) : line))];
};

const row = (whose: string, use: BudgetUse, currency: string | undefined) => ({
  cells: [
    whose,
    useText(use, currency),
    shareText(use),
    raiseOf(use, whose === 'the day' ? 'gt budget raise-day' : `gt budget raise ${whose}`),
  ],
  near: nearOf([use]).length > 0,
});
