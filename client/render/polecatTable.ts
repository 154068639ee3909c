import { oneLine } from '../../workflows/domain/text.ts';
import type { PolecatAtWork } from '../polecats.ts';
import { amount, duration } from './amounts.ts';
import { stateMark, stateStyle } from './states.ts';
import { type Column, table } from './table.ts';
import type { Terminal } from './terminal.ts';

const columns: readonly Column[] = [
  { title: '  polecat' },
  { title: 'bead' },
  { title: 'state' },
  { title: 'model' },
  { title: 'turns', align: 'right' },
  { title: 'tokens', align: 'right' },
  { title: 'time', align: 'right' },
  { title: 'task', gives: true },
];

/** Who works on what, and below it what some of them wait for. */
export const polecatTable = (
  polecats: readonly PolecatAtWork[],
  terminal: Terminal,
  withReasons = true,
): readonly string[] => {
  const [head = '', ...lines] = table(columns, polecats.map(row), terminal.width);
  return [
    terminal.paint('dim', head),
    ...lines.flatMap((line, at) => {
      const one = polecats[at];
      const why =
        one?.waiting === undefined || !withReasons ? [] : [`    waits: ${oneLine(one.waiting, 200)}`];
      return [terminal.paint(stateStyle(one?.state), line), ...why];
    }),
  ];
};

const row = (one: PolecatAtWork): readonly string[] => [
  `${stateMark(one.state)} ${one.polecat}`,
  one.bead,
  one.state,
  one.model,
  one.turns === 0 ? '' : String(one.turns),
  one.tokens === 0 ? '' : amount(one.tokens),
  one.ms === 0 ? '' : duration(one.ms),
  oneLine(one.title),
];
