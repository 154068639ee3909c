import { isSettled } from '../../workflows/domain/bead/bead.ts';
import { nearCaps, shareText } from '../../workflows/domain/budget/budgetUse.ts';
import { unitsText } from '../../workflows/domain/budget/money.ts';
import { spentMoney, totalTokens } from '../../workflows/domain/host/model.ts';
import type { BeadLine, BeadStatus } from '../../workflows/domain/report/report.ts';
import { oneLine, plain } from '../../workflows/domain/text.ts';
import { amount, duration } from './amounts.ts';
import { localTime } from './localTime.ts';
import { stateStyle } from './states.ts';
import { type Terminal, wrap } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

/** Everything that the town knows of one bead. */
export const beadPage = (status: BeadStatus, terminal: Terminal): readonly string[] => {
  const { spent, caps } = status;
  return [
    terminal.paint('bold', `Bead ${status.bead} (task): ${oneLine(status.title)}`),
    ...facts(terminal, [
      ['state', terminal.paint(stateStyle(status.state), status.state)],
      [
        'polecat',
        `${status.polecat} (worker agent), model ${status.model}, conversation ${status.conversation}`,
      ],
      ['attempt', `${status.attempt}, turn ${status.turn}`],
      ['base', status.base],
      ['head', status.head],
      ['landed as', status.commit],
      ['turns', `${spent.turns} of ${caps.turns}`],
      [
        'tokens',
        `${amount(totalTokens(spent.usage))} of ${amount(caps.tokens)}${spent.usage.estimated ? ' (partly estimated)' : ''}`,
      ],
      ['money', moneyUse(status)],
      ['nearly used up', nearText(status)],
      ['at work', `${duration(spent.wallMs)} of ${duration(caps.wallMs)}`],
      ['attempts', `${spent.attempts} of ${caps.attempts} failed`],
      ['in circles', status.stall],
      ['review', status.review],
      ['handed over', status.handover === undefined ? undefined : plain(status.handover)],
      ['to go on', status.state === 'parked' ? `gt resume ${status.bead}` : undefined],
      ['last feedback', status.lastFeedback === undefined ? undefined : plain(status.lastFeedback)],
    ]),
    ...(status.waiting === undefined
      ? []
      : [
          '',
          `Waiting since ${localTime(status.waiting.since, terminal)}:`,
          ...troubleLines(status.waiting.failure, terminal, '  '),
        ]),
    ...(status.failure === undefined ? [] : ['', ...troubleLines(status.failure, terminal)]),
  ];
};

/** Nothing where no model that it asked has a price. */
const moneyUse = ({ spent, caps }: BeadStatus): string | undefined =>
  spent.usage.money === undefined && caps.money === undefined
    ? undefined
    : `${unitsText(spentMoney(spent.usage))}${caps.money === undefined ? '' : ` of ${unitsText(caps.money)}`}`;

/** Which caps, as long as there is something to do about it. */
const nearText = ({ state, spent, caps }: BeadStatus): string | undefined =>
  isSettled(state)
    ? undefined
    : nearCaps(spent, caps)
        .map((use) => `${use.of} (${shareText(use)})`)
        .join(', ');

const facts = (
  { width }: Terminal,
  pairs: readonly (readonly [string, string | undefined])[],
): readonly string[] =>
  pairs.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : wrap(`  ${name.padEnd(14)}${value}`, width, 14),
  );

/** A bead that has not started: what its epic's board says. */
export const beadLinePage = (line: BeadLine, terminal: Terminal, waitsFor?: string): readonly string[] => [
  terminal.paint('bold', `Bead ${line.bead} (task): ${oneLine(line.title)}`),
  ...facts(terminal, [
    ['state', terminal.paint(stateStyle(line.state), line.state)],
    ['wave', String(line.wave + 1)],
    ['needs', line.needs.join(', ')],
    ['waits for', waitsFor === undefined ? undefined : plain(waitsFor)],
    ['landed as', line.commit],
  ]),
  ...(line.failure === undefined ? [] : ['', ...troubleLines(line.failure, terminal)]),
];
