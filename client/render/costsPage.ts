import type { Cost, Costs, NamedCost } from '../../workflows/domain/budget/costs.ts';
import { figuresOf, moneyText, unitsText } from '../../workflows/domain/budget/money.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { amount, counted, duration } from './amounts.ts';
import { type Column, table } from './table.ts';
import { type Terminal, wrap } from './terminal.ts';

/** Beads and convoys shown; the rest is one line, and all are in the JSON. */
const mostRows = 40;

interface About {
  /** Undefined: all convoys. */
  readonly convoy: string | undefined;
  readonly currency: string;
  readonly days: number | undefined;
}

/** What calls have cost, as tables that each add up to the line above them. */
export const costsPage = (costs: Costs, about: About, terminal: Terminal): readonly string[] => {
  const { total, roles, models, beads, convoys } = costs;
  if (total.calls === 0) return [noCalls(about)];
  const tables: readonly (readonly [string, readonly NamedCost[]])[] = [
    ['role', roles],
    ['model', models],
    about.convoy === undefined ? ['convoy', convoys] : ['bead', withoutConvoy(beads)],
  ];
  const amounts = tables.flatMap(([, rows]) => shown(rows).flatMap(({ money }) => money ?? []));
  const paid =
    total.money === undefined
      ? undefined
      : { currency: about.currency, figures: Math.max(2, ...amounts.map(figuresOf)) };
  // One width for all, so that the eye finds the same number in the same place.
  const lines = table(
    columns(paid),
    tables.flatMap(([by, rows]) => [head(by, paid), ...shown(rows).map((one) => cells(one, paid))]),
    terminal.width,
  );
  const partly = total.estimated ? '~: partly estimated, since a server reported nothing.' : undefined;
  let at = 0;
  return [
    terminal.paint('bold', titleOf(about)),
    ...wrap(totalText(total, about), terminal.width),
    ...tables.flatMap(([, rows]) => {
      const part = lines.slice(at + 1, at + 2 + shown(rows).length);
      at += part.length;
      const rest = rows.length - shown(rows).length;
      return [
        '',
        ...part.map((line, index) => (index === 0 ? terminal.paint('dim', line) : line)),
        ...(rest > 0 ? [`… and ${rest} more: --json has all`] : []),
      ];
    }),
    ...(partly === undefined ? [] : ['', partly]),
  ];
};

const shown = <T>(rows: readonly T[]): readonly T[] => rows.slice(0, mostRows);

const titleOf = ({ convoy, days }: About): string =>
  `Costs of ${convoy === undefined ? 'all convoys' : `convoy ${convoy}`}${days === undefined ? '' : `, last ${counted(days, 'day')}`}`;

const noCalls = ({ convoy, days }: About): string =>
  `No call of a model is in the transcripts${convoy === undefined ? '' : ` of convoy ${convoy}`}${days === undefined ? '' : ` of the last ${counted(days, 'day')}`}.`;

const totalText = (total: Cost, { currency }: About): string =>
  [
    counted(total.calls, 'call'),
    ...(total.failed === 0 ? [] : [`${total.failed} of them without a reply`]),
    `${amount(total.promptTokens + total.completionTokens)} tokens`,
    `${duration(total.ms)} of calls`,
    ...(total.money === undefined ? [] : [moneyText(total.money, currency)]),
  ].join(', ');

/** Amounts stand below each other, all with as many figures as the smallest needs. */
interface Paid {
  readonly currency: string;
  readonly figures: number;
}

const right = (title: string): Column => ({ title, align: 'right' });

/** The titles are rows of their own, above each part. */
const columns = (paid: Paid | undefined): readonly Column[] => [
  { title: '', gives: true },
  right(''),
  right(''),
  right(''),
  right(''),
  right(''),
  ...(paid === undefined ? [] : [right('')]),
];

const head = (by: string, paid: Paid | undefined): readonly string[] => [
  by,
  ...['calls', 'no reply', 'prompt', 'reply', 'time'],
  ...(paid === undefined ? [] : [paid.currency]),
];

const cells = (one: NamedCost, paid: Paid | undefined): readonly string[] => [
  oneLine(one.name, 60),
  String(one.calls),
  one.failed === 0 ? '' : String(one.failed),
  amount(one.promptTokens) + (one.estimated ? '~' : ''),
  amount(one.completionTokens),
  duration(one.ms),
  ...(paid === undefined ? [] : [one.money === undefined ? '' : unitsText(one.money, paid.figures)]),
];

const withoutConvoy = (beads: readonly NamedCost[]): readonly NamedCost[] =>
  beads.map((one) => ({ ...one, name: one.name.split('/').slice(1).join('/') }));
