import { columnsOf } from './columns.ts';
import { cut, cutName } from './terminal.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Is not shortened while others can be. */
  readonly whole?: boolean;
  /** Gets what is left of the terminal's width; at most one column. */
  readonly gives?: boolean;
}

/**
 * Rows as aligned columns, two spaces apart. Cells are plain text: colour a whole line afterwards. Where the terminal is too narrow,
 * the column that gives is shortened first, then the widest names, so that no column is lost.
 */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] => {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = fitting(
    columns,
    columns.map((_, index) => Math.max(...all.map((row) => columnsOf(row[index] ?? '')))),
    width,
  );
  return all.map((row) =>
    cut(
      row
        .map((cell, index) => fit(cell, widths[index] ?? 0, columns[index]))
        .join(' '.repeat(gap))
        .trimEnd(),
      width,
    ),
  );
};

/** Whether rows fit with names that can be told apart, and a beginning of what gives. */
export const fitsWell = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): boolean => {
  const least = columns.map((column, index) => {
    const wanted = Math.max(
      ...[[], ...rows].map((row) => columnsOf(row[index] ?? '')),
      columnsOf(column.title),
    );
    return isWhole(column) ? wanted : Math.min(wanted, readable);
  });
  return least.reduce((sum, wide) => sum + wide + gap, -gap) <= width;
};

/** Numbers and states mislead when they are cut. */
const isWhole = (column: Column | undefined): boolean => column?.align === 'right' || column?.whole === true;

const gap = 2;
const readable = 12;
const narrowest = 8;

const fitting = (columns: readonly Column[], wanted: readonly number[], width: number): readonly number[] => {
  const widths = [...wanted];
  const over = (): number => widths.reduce((sum, wide) => sum + wide + gap, -gap) - width;
  const giver = columns.findIndex(({ gives }) => gives);
  if (giver >= 0) {
    const asked = widths[giver] ?? 0;
    widths[giver] = Math.min(asked, Math.max(narrowest, asked - Math.max(0, over())));
  }
  while (over() > 0) {
    const widest = Math.max(
      ...widths.map((wide, index) => (isWhole(columns[index]) || index === giver ? 0 : wide)),
    );
    if (widest <= narrowest) break;
    const at = widths.findIndex(
      (wide, index) => wide === widest && !isWhole(columns[index]) && index !== giver,
    );
    widths[at] = widest - 1;
  }
  return widths;
};

const fit = (cell: string, width: number, column: Column | undefined): string => {
  const shown = column?.gives ? cut(cell, width) : cutName(cell, width);
  const space = ' '.repeat(Math.max(0, width - columnsOf(shown)));
  return column?.align === 'right' ? space + shown : shown + space;
};
