import type { Feedback } from '../../workflows/domain/bead/feedback.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import { git } from '../git/run.ts';
import type { Rig } from './index.ts';

interface Conflict {
  readonly base: string;
  readonly head: string;
  readonly onto: string;
  readonly paths: readonly string[];
}

/** Tells a coding model that its change did not fit onto what has landed since: which files, what it had done, what is new. */
export const conflictFeedback = async (rig: Rig, conflict: Conflict): Promise<Feedback> => {
  const { base, head, onto, paths } = conflict;
  const [mine, theirs] = await Promise.all([
    diff(rig, ownDiffBytes, base, head, []),
    diff(rig, theirDiffBytes, base, onto, paths),
  ]);
  const names = paths.map((path) => oneLine(path, 200));
  const shown = names.slice(0, 20).map((name) => `- ${name}`);
  if (names.length > shown.length) shown.push(`- and ${names.length - shown.length} more`);
  const text = [
    'While you worked, other changes landed, and yours does not merge with them.',
    'Your change was set aside. The files that you are shown now are the newest ones, with the other changes and WITHOUT yours.',
    'Do the task again on these files. Keep what the others did; use your earlier change as a guide, not as text to copy back.',
    '',
    'Files that did not merge:',
    ...shown,
    '',
    'Your earlier change:',
    fenced(mine),
    '',
    'What the other changes did to the files that did not merge:',
    fenced(theirs),
    '',
  ].join('\n');
  const more = names.length > 1 ? ` and ${names.length - 1} more` : '';
  return {
    kind: 'conflict',
    summary: oneLine(`does not merge with what landed since: ${names[0] ?? 'the tree'}${more}`, 200),
    ref: await rig.blobs.put(text),
  };
};

const ownDiffBytes = 12 * 1024;
const theirDiffBytes = 8 * 1024;

const diff = async (
  { repo, signal }: Rig,
  limit: number,
  from: string,
  to: string,
  paths: readonly string[],
): Promise<string> => {
  // Read as names, not as patterns: a file may be called `*`.
  const args = [
    '--literal-pathspecs',
    'diff',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    from,
    to,
    '--',
    ...paths,
  ];
  const { stdout } = await git(args, { cwd: repo, signal });
  const text = plainLines(stdout).trimEnd();
  if (text.length <= limit) return text;
  const cut = text.lastIndexOf('\n', limit);
  const rest = text.slice(cut + 1).split('\n').length;
  return `${text.slice(0, cut)}\n(${rest} more lines are left out)`;
};

/** A fence longer than any in the text, so that the text cannot end it. */
const fenced = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${text}\n${fence}`;
};
