import type { BeadLine, EpicStatus } from '../../workflows/domain/report/report.ts';
import { counted } from './amounts.ts';
import { stateMark, stateStyle } from './states.ts';
import type { Terminal } from './terminal.ts';

/** Waves that are over, or have not begun, are worth a line together. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly beads: readonly BeadLine[];
}

/** An epic wave by wave, a character a bead. At most `most` lines: what is over and what is to come is drawn together. */
export const waveStrip = (epic: EpicStatus, most: number, terminal: Terminal): readonly string[] => {
  const waves = [...Map.groupBy(epic.beads, ({ wave }) => wave)]
    .toSorted(([a], [b]) => a - b)
    .map(([wave, beads]): Stretch => ({ from: wave, to: wave, beads }));
  const over = merged(waves.filter((one) => isAll(one, 'landed')));
  const begun = waves.filter((one) => !isAll(one, 'landed') && !isAll(one, 'pending'));
  const room = Math.max(1, most - over.length - 1);
  const toCome = merged([...begun.slice(room), ...waves.filter((one) => isAll(one, 'pending'))]);
  const shown = waves.length <= most ? waves : [...over, ...begun.slice(0, room), ...toCome];
  const names = shown.map(nameOf);
  const width = Math.max(0, ...names.map(({ length }) => length));
  return shown.map((one, at) => `  ${(names[at] ?? '').padEnd(width)}  ${stretchText(one, terminal, width)}`);
};

const merged = (all: readonly Stretch[]): readonly Stretch[] => {
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [{ from: first.from, to: last.to, beads: all.flatMap(({ beads }) => beads) }];
};

const isAll = ({ beads }: Stretch, state: BeadLine['state']): boolean =>
  beads.every((bead) => bead.state === state);

const nameOf = ({ from, to }: Stretch): string =>
  from === to ? `wave ${from + 1}` : `waves ${from + 1} to ${to + 1}`;

const stretchText = ({ beads }: Stretch, terminal: Terminal, taken: number): string => {
  const landed = beads.filter(({ state }) => state === 'landed').length;
  const count = `${landed} of ${counted(beads.length, 'bead')}`;
  const room = terminal.width - taken - count.length - 8;
  const marks = beads.slice(0, room).map(({ state }) => [stateStyle(state), stateMark(state)] as const);
  // Alike neighbours in one stroke: an escape for each would be most of what is drawn.
  const strokes: [(typeof marks)[number][0], string][] = [];
  for (const [style, mark] of marks) {
    const last = strokes.at(-1);
    if (last?.[0] === style) last[1] += mark;
    else strokes.push([style, mark]);
  }
  const text = strokes.map(([style, part]) => terminal.paint(style, part)).join('');
  return `${text}${beads.length > marks.length ? '…' : ''}  ${count}`;
};
