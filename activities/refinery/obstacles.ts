import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Behind } from '../../workflows/domain/queue/upstream.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { GitResult } from '../git/run.ts';
import type { Bench } from './bench.ts';

/** A branch that goes forward from one commit to another. */
export interface Move {
  readonly branch: string;
  readonly from: string;
  readonly to: string;
}

/** What of the person's is in the way. */
export type Obstacle = Pick<Behind, 'what' | 'evidence'>;

/** git in a person's folder. */
export type Tree = (
  args: readonly string[],
  options?: { readonly okExitCodes?: readonly number[]; readonly input?: string },
) => Promise<GitResult>;

/** The first sign of an operation that a person is in the middle of. */
export const unfinished = async (gitDir: string): Promise<string | undefined> => {
  for (const name of signs) {
    const path = join(gitDir, name);
    if (await lstat(path).catch(() => undefined)) return path;
  }
  return;
};

const signs = [
  ...['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'SQUASH_MSG', 'BISECT_LOG'],
  ...['rebase-merge', 'rebase-apply', 'sequencer'],
];

/**
 * Changed and staged files, and untracked or ignored ones where something landed: git itself would write over the ignored.
 * Files that are just what a landing makes of them are a killed forward's: they are taken into the index, not in the way.
 */
export const obstacleTo = async (
  bench: Bench,
  folder: string,
  move: Move,
  tree: Tree,
): Promise<Obstacle | undefined> => {
  const { branch, from } = move;
  const dirt = await dirtIn(tree);
  const changes = await changesOf(bench, move);
  const strangers = await strangersIn(folder, changes);
  if (dirt.length === 0 && strangers.length === 0) return;
  const isLeftOver = await adopt(tree, from, changes, [...dirt, ...strangers]);
  if (isLeftOver) return;
  return dirt.length > 0
    ? notCommitted(folder, move, dirt)
    : {
        what: `${branch} stays where it is: files in ${folder} that git does not track are in the way of what landed.`,
        evidence: listed(strangers),
      };
};

/**
 * Changed files that a landing does not touch, told without a lock: a person who is at work in the folder must not find it
 * locked every few seconds only because somebody looks.
 */
export const plainlyDirty = async (
  bench: Bench,
  folder: string,
  move: Move,
  tree: Tree,
): Promise<Obstacle | undefined> => {
  const dirt = await dirtIn(tree);
  if (dirt.length === 0) return;
  const changes = await changesOf(bench, move);
  return dirt.some((path) => !changes.has(path)) ? notCommitted(folder, move, dirt) : undefined;
};

const notCommitted = (folder: string, { branch }: Move, dirt: readonly string[]): Obstacle => ({
  what: `${branch} stays where it is while ${folder} has changes that are not committed.`,
  evidence: listed(dirt),
});

/** Tracked files that are changed or staged. Untracked ones are nobody's business unless they are in the way. */
const dirtIn = async (tree: Tree): Promise<string[]> => {
  const args = ['status', '--porcelain', '-z', '--untracked-files=no', '--no-renames'];
  return (await tree(args)).stdout.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(3)]));
};

/** Path → what the move makes of it, `mode oid`; undefined where it takes the file away. */
type Changes = ReadonlyMap<string, { readonly isNew: boolean; readonly after: string | undefined }>;

const changesOf = async (bench: Bench, { from, to }: Move): Promise<Changes> =>
  rawDiff((await bench.plumb(['diff-tree', '-r', '--raw', '-z', '--no-renames', from, to])).stdout);

const rawDiff = (stdout: string): Changes => {
  const fields = stdout.split('\0');
  const changes = new Map<string, { isNew: boolean; after: string | undefined }>();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = '', , oid = '', status = ''] = (fields[at] ?? '').split(' ');
    const after = status === 'D' ? undefined : `${mode} ${oid}`;
    changes.set(fields[at + 1] ?? '', { isNew: status === 'A', after });
  }
  return changes;
};

const strangersIn = async (folder: string, changes: Changes): Promise<string[]> => {
  const gone = new Set([...changes].flatMap(([path, { after }]) => (after === undefined ? [path] : [])));
  const emptied = new Set([...gone].flatMap(foldersAbove));
  const found = new Set<string>();
  const seen = new Set<string>();
  const look = async (path: string, mayBeFolder: boolean): Promise<void> => {
    if (gone.has(path) || seen.has(path)) return;
    seen.add(path);
    const there = await lstat(join(folder, path)).catch(() => undefined);
    if (there !== undefined && !(mayBeFolder && there.isDirectory())) found.add(path);
  };
  for (const [path, { isNew }] of changes) {
    if (!isNew) continue;
    for (const above of foldersAbove(path)) await look(above, true);
    // A folder of files that all go away makes room for a file of its name.
    if (!emptied.has(path)) await look(path, false);
  }
  return [...found];
};

const foldersAbove = (path: string): string[] => {
  const up = dirname(path);
  return up === '.' ? [] : [up, ...foldersAbove(up)];
};

/** Takes files into the index that are as the move makes them. False when anything else is changed as well. */
const adopt = async (
  tree: Tree,
  from: string,
  changes: Changes,
  paths: readonly string[],
): Promise<boolean> => {
  if (!paths.every((path) => changes.has(path))) return false;
  const update = ['update-index', '-z', '--add', '--remove', '--stdin'];
  const input = paths.map((path) => `${path}\0`).join('');
  const taken = await tree(update, { input, okExitCodes: [0, 1, 128] });
  if (taken.exitCode !== 0) return false;
  const staged = await tree(['diff-index', '--cached', '--raw', '-z', '--no-renames', from, '--']);
  for (const [path, { after }] of rawDiff(staged.stdout)) {
    const wanted = changes.get(path);
    if (wanted === undefined || wanted.after !== after) return false;
  }
  return (await tree(['diff-files', '--quiet'], { okExitCodes: [0, 1] })).exitCode === 0;
};

const mostListed = 10;

const listed = (paths: readonly string[]): string => {
  const more = paths.length > mostListed ? [`… and ${paths.length - mostListed} more`] : [];
  return [...paths.slice(0, mostListed).map((path) => oneLine(path, 200)), ...more].join('\n');
};
