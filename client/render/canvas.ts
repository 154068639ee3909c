import { stripVTControlCharacters } from 'node:util';
import { columnsOf } from './columns.ts';
import { cut } from './terminal.ts';

interface Screen {
  write(text: string): unknown;
  readonly rows?: number;
  readonly columns?: number;
}

/** A block of lines at the end of a terminal that is drawn again in place. */
export interface Canvas {
  draw(lines: readonly string[]): void;
}

/**
 * Redraws without clearing first, and only lines that changed, so that nothing flickers. Lines that do not fit on the
 * screen would scroll away and could not be redrawn, so the block is cut to the screen's height.
 */
export const createCanvas = (screen: Screen): Canvas => {
  let drawn: readonly string[] = [];
  return {
    draw(lines) {
      const fitting = fit(lines, (screen.rows ?? 24) - 1, screen.columns ?? 80);
      const up = drawn.length === 0 ? '' : `\u001b[${drawn.length}A`;
      const text = fitting
        .map((line, index) => (line === drawn[index] ? '\n' : `\r\u001b[2K${line}\n`))
        .join('');
      // Fewer lines than before: clear what is below.
      screen.write(`${up}${text}${fitting.length < drawn.length ? '\u001b[J' : ''}`);
      drawn = fitting;
    },
  };
};

/** A line that wraps takes two rows, and the next redraw would be one row off. */
const fit = (lines: readonly string[], rows: number, columns: number): readonly string[] => {
  const narrow = lines.map((line) => {
    const bare = stripVTControlCharacters(line);
    return columnsOf(bare) <= columns ? line : cut(bare, columns);
  });
  return narrow.length <= rows
    ? narrow
    : [...narrow.slice(0, rows - 1), `… ${narrow.length - rows + 1} more lines`];
};
