import { clip, type Failure } from '../../workflows/domain/failure.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import { failure } from '../failure.ts';
import { readObject } from '../git/objects.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { Bench } from './bench.ts';
import type { Merged } from './mergeTree.ts';

export type Conflict = Extract<Merged, { clean: false }>;

/** What people are told of a conflict (G10). */
export const conflictFailure = (
  bench: Bench,
  what: string,
  conflict: Conflict,
  command: string,
  next: string,
): Failure => {
  const paths = conflict.paths.map((path) => oneLine(path)).slice(0, 5);
  const more =
    conflict.paths.length > paths.length ? ` and ${conflict.paths.length - paths.length} more` : '';
  return failure('MergeConflict', {
    what: paths.length === 0 ? what : `${what}: ${paths.join(', ')}${more}.`,
    evidence: `${command}\nin ${bench.repo}\n${plainLines(conflict.messages)}`,
    next,
  });
};

const maxPaths = 8;
const maxHunks = 12_000;

/** Stores what a model needs to see of a conflict: the paths, and the hunks as git marks them. */
export const conflictEvidence = async (bench: Bench, blobs: Blobs, conflict: Conflict): Promise<string> => {
  const parts = [`These files conflict with the target branch:\n${plainLines(conflict.messages)}`];
  for (const path of conflict.paths.slice(0, maxPaths)) {
    const hunks = await hunksOf(bench, conflict.tree, path);
    if (hunks !== '') parts.push(`${oneLine(path)}\n${hunks}`);
  }
  return blobs.put(clip(parts.join('\n\n'), maxHunks));
};

const hunksOf = async (bench: Bench, tree: string | undefined, path: string): Promise<string> => {
  if (tree === undefined) return '';
  const file = await readObject(bench.repo, `${tree}:${path}`, bench.signal);
  if (file?.type !== 'blob' || file.bytes.includes(0)) return '';
  return markedHunks(plainLines(file.bytes.toString('utf8')).split('\n'));
};

/** The conflicting regions with three lines around each. Binary files and deletions have none. */
const markedHunks = (lines: readonly string[]): string => {
  const hunks: string[] = [];
  let start: number | undefined;
  lines.forEach((line, at) => {
    if (line.startsWith('<<<<<<< ')) start = at;
    if (!line.startsWith('>>>>>>> ') || start === undefined) return;
    hunks.push(`@@ line ${start + 1}\n${lines.slice(Math.max(0, start - 3), at + 4).join('\n')}`);
    start = undefined;
  });
  return hunks.join('\n');
};
