import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clearObstacles } from '../../../activities/git/obstacle.ts';
import { ensureWorktree, removeWorktree } from '../../../activities/git/worktree.ts';
import { repoAt, tempHome } from '../../support/repo.ts';

/** A bare repository with branches `w0`, `w1`, … at one commit of some files. */
const rigWith = async (branches: number) => {
  const home = await tempHome();
  const path = home.repo('r');
  await mkdir(path, { recursive: true });
  const repo = repoAt(path, async () => home[Symbol.asyncDispose]());
  await repo.git('init', '-q', '--bare', '-b', 'main');
  const files = Array.from({ length: 40 }, (_, at) => [`d${at % 4}/f${at}.txt`, `${at}\n`]);
  const commit = await repo.commitTo('main', Object.fromEntries(files));
  for (let at = 0; at < branches; at++) await repo.git('branch', `w${at}`, commit);
  return Object.assign(repo, { folderOf: (at: number) => join(path, '..', 'worktrees', 'c', `w${at}`) });
};

const script = `
  import { ensureWorktree } from ${JSON.stringify(new URL('../../../activities/git/worktree.ts', import.meta.url).href)};
  const [repo, folder, from, to] = process.argv.slice(1);
  const numbers = Array.from({ length: to - from }, (_, at) => Number(from) + at);
  console.log('begins');
  await Promise.all(numbers.map((at) =>
    ensureWorktree({ repo, path: folder.replace('#', at), branch: 'refs/heads/w' + at, caches: [], sparse: [] })));
`;

/** Another process of the town that ensures worktrees `from` to `to`. */
const otherProcess = async (
  repo: { path: string; folderOf: (at: number) => string },
  from: number,
  to: number,
): Promise<ChildProcess> => {
  const folder = repo.folderOf(0).replace(/w0$/, 'w#');
  const args = ['--input-type=module', '-e', script, repo.path, folder, String(from), String(to)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  await once(child.stdout, 'data');
  return child;
};

test('G5: several processes make worktrees of one repository at once, and none is lost', {
  timeout: 120_000,
}, async () => {
  await using repo = await rigWith(24);
  const others = await Promise.all([otherProcess(repo, 0, 8), otherProcess(repo, 8, 16)]);
  const ends = Promise.all(others.map((other) => once(other, 'close')));
  const mine = Array.from({ length: 8 }, (_, at) => at + 16);
  await Promise.all(mine.map((at) => ensureWorktree(worktreeOf(repo, at))));
  expect((await ends).map(([code]) => code as number)).toEqual([0, 0]);
  for (let at = 0; at < 24; at++) await expectWhole(repo, at);
});

test('G5: a process killed at any moment, with or without its gits, leaves nothing that stops the next', {
  timeout: 120_000,
}, async () => {
  await using repo = await rigWith(6);
  for (const round of [0, 1, 2, 3, 4, 5]) {
    const other = await otherProcess(repo, 0, 6);
    // Whenever the first of a growing number of worktrees is registered: somewhere in the middle of the work.
    await expect
      .poll(() => readdir(join(repo.path, 'worktrees')).catch(() => []), { interval: 1, timeout: 10_000 })
      .not.toHaveLength(0);
    const closed = once(other, 'close');
    process.kill(round % 2 === 0 ? (other.pid as number) : -(other.pid as number), 'SIGKILL');
    await closed;
    await Promise.all([0, 1, 2, 3, 4, 5].map((at) => ensureWorktree(worktreeOf(repo, at))));
    for (const at of [0, 1, 2, 3, 4, 5]) await expectWhole(repo, at);
    await Promise.all([0, 1, 2, 3, 4, 5].map((at) => removeWorktree(repo.path, repo.folderOf(at))));
    await clearObstacles(repo.path);
    expect(await readdir(join(repo.path, 'worktrees'))).toEqual([]);
  }
});

const worktreeOf = (repo: { path: string; folderOf: (at: number) => string }, at: number) => ({
  repo: repo.path,
  path: repo.folderOf(at),
  branch: `refs/heads/w${at}`,
  caches: [],
  sparse: [],
});

const expectWhole = async (repo: { folderOf: (at: number) => string }, at: number): Promise<void> => {
  const worktree = repoAt(repo.folderOf(at));
  expect(await readFile(join(worktree.path, 'd3/f39.txt'), 'utf8')).toBe('39\n');
  expect(await worktree.git('status', '--porcelain', '--branch')).toBe(`## w${at}`);
};
