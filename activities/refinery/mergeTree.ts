import { fail } from '../failure.ts';
import type { Bench } from './bench.ts';

export type Merged =
  | { readonly clean: true; readonly tree: string }
  | {
      readonly clean: false;
      /** With conflict markers in its files; undefined for unrelated histories. */
      readonly tree: string | undefined;
      readonly paths: readonly string[];
      /** git's own words, one a line. */
      readonly messages: string;
    };

/** Merges two commits without a work tree. */
export const mergeTree = async (bench: Bench, ours: string, theirs: string): Promise<Merged> => {
  const args = ['merge-tree', '--write-tree', '-z', ours, theirs];
  const { stdout, stderr, exitCode } = await bench.plumb(args, { okExitCodes: [0, 1, 128] });
  const [tree = '', ...rest] = stdout.split('\0');
  const hasTree = /^[0-9a-f]{40,64}$/.test(tree);
  if (exitCode === 0 && hasTree) return { clean: true, tree };
  if (exitCode === 1 && hasTree) return { clean: false, tree, ...readConflict(rest) };
  if (/unrelated histories/.test(stderr)) {
    return { clean: false, tree: undefined, paths: [], messages: stderr.trim() };
  }
  // A name that git cannot resolve exits with 1 as well, with nothing on stdout: an error, not a conflict.
  throw fail('GitFailed', {
    what: `git could not merge ${theirs.slice(0, 12)} onto ${ours.slice(0, 12)}.`,
    evidence: `git ${args.join(' ')}\nin ${bench.repo}\nexit status ${exitCode}\n${stderr.trim()}`,
    next: 'The town tries again; if it stays, look at the repository with `git fsck`.',
  });
};

/** Reads `mode oid stage TAB path` records, an empty one, then `count path… type message` records. */
const readConflict = (fields: readonly string[]): { paths: readonly string[]; messages: string } => {
  const end = fields.indexOf('');
  const paths = new Set(fields.slice(0, end).map((field) => field.slice(field.indexOf('\t') + 1)));
  const messages: string[] = [];
  let at = end + 1;
  while (at < fields.length) {
    const count = Number(fields[at]);
    if (!Number.isInteger(count) || fields[at] === '') break;
    const [type = '', message = ''] = fields.slice(at + 1 + count, at + 3 + count);
    if (type.startsWith('CONFLICT')) messages.push(message.trim());
    at += 3 + count;
  }
  return { paths: [...paths], messages: messages.join('\n') };
};
