import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createGateRunner } from '../../../activities/gates/index.ts';
import { restoreTree } from '../../../activities/gates/tree.ts';
import { sparseFlags } from '../../../activities/git/sparse.ts';
import { ensureWorktree, resetWorktree } from '../../../activities/git/worktree.ts';
import { createBlobs } from '../../../activities/ledger/blobs.ts';
import { benchOf } from '../../../activities/refinery/bench.ts';
import { openSlot } from '../../../activities/refinery/slots.ts';
import { conePatterns, isCheckedOut } from '../../../workflows/domain/sparse.ts';
import { repoAt, tempHome, tempRepo } from '../../support/repo.ts';
import { rig as anyRig } from '../polecat/worktree.ts';

const branch = 'refs/heads/work';
/** A monorepo of many packages, of which a town may work on one. */
const packages = 60;
const filesEach = 60;

const large = await tempRepo({
  files: {
    ...{ 'package.json': '{}\n', 'packages/notes.txt': 'n\n', 'größe mit leer/a b.txt': 'a\n' },
    ...Object.fromEntries(
      Array.from({ length: packages * filesEach }, (_, at): [string, string] => [
        `packages/p${at % packages}/src/f${at}.txt`,
        `${at}\n`,
      ]),
    ),
  },
});
afterAll(() => large[Symbol.asyncDispose]());

const monorepo = async () => {
  const home = await tempHome();
  const path = home.repo('r');
  await large.git('clone', '-q', '--bare', large.path, path);
  const repo = repoAt(path, async () => home[Symbol.asyncDispose]());
  const tip = await repo.revParse('main');
  await repo.git('update-ref', branch, tip);
  const folder = join(path, '..', 'worktrees', 'c', 'e', 'b');
  const open = (sparse: readonly string[]) => ({
    repo: path,
    path: folder,
    branch,
    caches: ['kept'],
    sparse,
  });
  return Object.assign(repo, { home, tip, folder, open });
};

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name !== '.git')
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .toSorted();

test.each([
  [['packages/p1']],
  [['packages/p1', 'packages/p1/src', 'größe mit leer']],
  [['packages/p2/src', 'packages/p1']],
])('the rule says what git checks out: %s', async (sparse) => {
  await using repo = await monorepo();
  await ensureWorktree(repo.open(sparse));
  const all = (await repo.git('ls-tree', '-r', '-z', '--name-only', repo.tip)).split('\0');
  const expected = all.filter((path) => path !== '' && isCheckedOut(path, sparse)).toSorted();
  expect(await filesIn(repo.folder)).toEqual(expected);
  expect(expected).toContain('package.json');
  expect(expected.length).toBeLessThan(packages * filesEach);
  expect(await repoAt(repo.folder).git('status', '--porcelain')).toBe('');
});

test('the patterns are those that git itself writes', async () => {
  await using repo = await monorepo();
  await using other = await monorepo();
  const sparse = ['packages/p2/src', 'größe mit leer', 'packages/p1'];
  await other.git('worktree', 'add', '-q', '--no-checkout', other.folder, 'work');
  await repoAt(other.folder).git('sparse-checkout', 'set', '--cone', ...sparse);
  const own = await readFile(join(other.path, 'worktrees', 'b', 'info', 'sparse-checkout'), 'utf8');
  expect(conePatterns(sparse)).toBe(own);
  expect(repo.tip).toBe(other.tip);
});

test('G5: folders that the configuration changed, or a kill left half written, are made so again', async () => {
  await using repo = await monorepo();
  await ensureWorktree(repo.open(['packages/p1']));
  await ensureWorktree(repo.open(['packages/p2']));
  expect(await filesIn(join(repo.folder, 'packages'))).toHaveLength(filesEach + 1);
  await ensureWorktree(repo.open([]));
  expect(await filesIn(repo.folder)).toHaveLength(packages * filesEach + 3);
  await ensureWorktree(repo.open(['packages/p2']));
  await writeFile(join(repo.path, 'worktrees', 'b', 'info', 'sparse-checkout'), '/*\n');
  await ensureWorktree(repo.open(['packages/p2']));
  expect(await filesIn(join(repo.folder, 'packages'))).toHaveLength(filesEach + 1);
});

test('a branch that moved brings its files along and nothing else; commits keep what is not checked out', async () => {
  await using repo = await monorepo();
  const sparse = ['packages/p1'];
  await ensureWorktree(repo.open(sparse));
  const next = await repo.commitTo('main', { 'packages/p1/new.txt': '1\n', 'packages/p9/new.txt': '9\n' });
  await repo.git('update-ref', branch, next);
  await resetWorktree(repo.open(sparse));
  expect(await filesIn(repo.folder)).toContain('packages/p1/new.txt');
  expect(await filesIn(repo.folder)).not.toContain('packages/p9/new.txt');
  const worktree = repoAt(repo.folder);
  await writeFile(join(repo.folder, 'packages/p1/new.txt'), '2\n');
  await worktree.git('commit', '-aqm', 'by hand');
  expect(await repo.git('diff', '--name-only', next, branch)).toBe('packages/p1/new.txt');
});

test('G2: what a gate leaves outside of the folders, over a tracked file too, is gone before the next', async () => {
  await using repo = await monorepo();
  const sparse = ['packages/p1'];
  await ensureWorktree(repo.open(sparse));
  const before = await filesIn(repo.folder);
  await mkdir(join(repo.folder, 'packages/p7/src'), { recursive: true });
  await writeFile(join(repo.folder, 'packages/p7/src/f7.txt'), 'forged\n');
  await writeFile(join(repo.folder, 'packages/p7/src/other.txt'), 'forged\n');
  await rm(join(repo.folder, 'packages/p1/src'), { recursive: true });
  await restoreTree({ dir: repo.folder, repo: repo.path, caches: [], sparse });
  expect(await filesIn(repo.folder)).toEqual(before);
});

test('G2: a slot of the Refinery holds the folders of one commit after the other, and of another setting', async () => {
  await using repo = await monorepo();
  const { home } = repo;
  const settings = (sparse: readonly string[]) => new Map([['r', { ...anyRig, sparse }]]);
  const blobs = createBlobs(home.blobs);
  const runner = createGateRunner({ home, blobs });
  const { signal } = new AbortController();
  const filesOf = async (sparse: readonly string[], commit: string, leave = false): Promise<string[]> => {
    const bench = benchOf({ home, blobs, runner, rigs: settings(sparse) }, 'r', signal);
    using slot = await openSlot(bench, home, commit);
    const files = await filesIn(slot.dir);
    if (!leave) return files;
    await mkdir(join(slot.dir, 'packages/p7/src'), { recursive: true });
    await writeFile(join(slot.dir, 'packages/p7/src/f7.txt'), 'forged\n');
    return files;
  };
  const next = await repo.commitTo('main', { 'packages/p1/new.txt': '1\n', 'packages/p7/src/f7.txt': '7\n' });
  const first = await filesOf(['packages/p1'], repo.tip, true);
  expect(first).toHaveLength(filesEach + 2);
  expect(await filesOf(['packages/p1'], next)).toEqual([...first, 'packages/p1/new.txt'].toSorted());
  expect(await filesOf([], next)).toHaveLength(packages * filesEach + 4);
  expect(await filesOf(['packages/p1'], repo.tip)).toEqual(first);
});

test('a rig that is not sparse is asked nothing of it', () => {
  expect(sparseFlags([])).toEqual([]);
  expect(conePatterns([])).toBeUndefined();
  expect(isCheckedOut('any/thing', [])).toBe(true);
});
