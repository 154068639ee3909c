import { cut } from './terminal.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Gets what is left of the terminal's width; at most one column. */
  readonly gives?: boolean;
}

/** Rows as aligned columns, two spaces apart. Cells are plain text: colour a whole line afterwards. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] => {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => lengthOf(row[index] ?? ''))));
  const giver = columns.findIndex((column) => column.gives);
  if (giver >= 0) {
    const others = widths.reduce((sum, wide, index) => (index === giver ? sum : sum + wide + gap), 0);
    widths[giver] = Math.min(widths[giver] ?? 0, Math.max(narrowest, width - others));
  }
  return all.map((row) =>
    cut(
      row
        .map((cell, index) => fit(cell, widths[index] ?? 0, columns[index]?.align))
        .join(' '.repeat(gap))
        .trimEnd(),
      width,
    ),
  );
};

const gap = 2;
const narrowest = 8;

const lengthOf = (text: string): number => [...text].length;

const fit = (cell: string, width: number, align: 'right' | undefined): string => {
  const shown = cut(cell, width);
  const space = ' '.repeat(Math.max(0, width - lengthOf(shown)));
  return align === 'right' ? space + shown : shown + space;
};
