import type { Trouble } from '../../deploy/town/trouble.ts';
import { plain, plainLines } from '../../workflows/domain/text.ts';
import type { Terminal } from './terminal.ts';

/** A failure in its three parts (G10), safe for a terminal whatever its evidence holds (G9). */
export const troubleLines = (failure: Trouble, terminal: Terminal, indent = ''): readonly string[] => {
  const evidence = failure.evidence === '' ? [] : plainLines(failure.evidence).trimEnd().split('\n');
  return [
    terminal.paint('red', `${failure.type}: ${plainLines(failure.what)}`),
    ...evidence.map((line) => terminal.paint('dim', `  ${line}`)),
    `Next: ${plain(failure.next)}`,
  ].flatMap((part) => part.split('\n').map((line) => indent + line));
};
