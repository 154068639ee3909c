import type { Trouble } from '../../deploy/town/trouble.ts';
import { plain, plainLines } from '../../workflows/domain/text.ts';
import { withLocalTimes } from './localTime.ts';
import { toReader } from './overseer.ts';
import { type Terminal, wrap } from './terminal.ts';

/** A failure in its three parts (G10), safe for a terminal whatever its evidence holds (G9). */
export const troubleLines = (failure: Trouble, terminal: Terminal, indent = ''): readonly string[] => {
  const evidence =
    failure.evidence === '' ? [] : toReader(plainLines(failure.evidence)).trimEnd().split('\n');
  const fitting = (text: string): readonly string[] =>
    text.split('\n').flatMap((line) => wrap(indent + line, terminal.width));
  return [
    ...fitting(`${failure.type}: ${toReader(withLocalTimes(plainLines(failure.what), terminal))}`).map(
      (line) => terminal.paint('red', line),
    ),
    ...evidence.flatMap((line) => fitting(`  ${line}`)).map((line) => terminal.paint('dim', line)),
    ...fitting(`Next: ${withLocalTimes(plain(failure.next), terminal)}`),
  ];
};
