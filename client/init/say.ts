import { plainLines } from '../../workflows/domain/text.ts';
import { printAside } from '../answer.ts';

/** Says what is going on, on stderr: stdout is for what the command answers. What others wrote is made harmless. */
export const say = (...lines: readonly string[]): void => {
  for (const line of lines) printAside(plainLines(line));
};
