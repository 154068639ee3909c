import type { Edit, Fault } from './protocol/edit.ts';
import { shownPath } from './safety.ts';

/**
 * A reply that touches none of the files that the bead names, and makes a new file with the name of one of them: models write
 * `lib/parse.js` where `src/parse.js` is meant, and the checks that fail as before do not tell them.
 */
export const strayFault = (
  edits: readonly Edit[],
  named: readonly string[],
  exists: (path: string) => boolean,
): Fault | undefined => {
  if (edits.some(({ path }) => named.includes(path))) return;
  for (const { kind, path, line } of edits) {
    const meant = named.find((one) => nameOf(one) === nameOf(path));
    if (kind !== 'write' || meant === undefined || exists(path)) continue;
    return {
      kind: 'malformed',
      what: `${shownPath(path)} would be a new file. The task is about ${shownPath(meant)}: write that path instead of ${shownPath(path)}.`,
      line,
    };
  }
  return;
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
