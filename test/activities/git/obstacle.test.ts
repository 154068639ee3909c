import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inTurn } from '../../../activities/git/mutex.ts';
import { clearObstacles, obstacleOf, overcome } from '../../../activities/git/obstacle.ts';
import { moveRefs, readRefs } from '../../../activities/git/refs.ts';
import { git } from '../../../activities/git/run.ts';
import { repoAt, type TempRepo, tempHome, tempRepo } from '../../support/repo.ts';

/** A bare repository where the town would have it, with one commit. */
const rigRepo = async () => {
  const home = await tempHome();
  const path = home.repo('r');
  await mkdir(path, { recursive: true });
  const repo: TempRepo = repoAt(path, async () => home[Symbol.asyncDispose]());
  await repo.git('init', '-q', '--bare', '-b', 'main');
  const commit = await repo.commitTo('main', { a: '1' });
  return Object.assign(repo, { first: commit });
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('G5: locks of a killed git', () => {
  test.each([
    ['of a ref', 'refs/heads/main.lock'],
    ['of all packed refs', 'packed-refs.lock'],
  ])('%s stop no later git', async (_, lock) => {
    await using repo = await rigRepo();
    await repo.git('pack-refs', '--all');
    await writeFile(join(repo.path, lock), '');
    await moveRefs(repo.path, [{ ref: 'refs/heads/main', to: undefined, was: repo.first }]);
    expect(await readRefs(repo.path, ['refs/heads/main'])).toEqual(new Map());
    expect(await exists(join(repo.path, lock))).toBe(false);
  });

  test('a lock of a git that is still at work stays, until that git has ended', async () => {
    await using repo = await rigRepo();
    const lock = join(repo.path, 'refs/heads/main.lock');
    const owner = spawn('git', ['cat-file', '--batch'], {
      cwd: repo.path,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    owner.stdin.write('main\n');
    await once(owner.stdout, 'data');
    await writeFile(lock, '');
    const waiting = overcome({ kind: 'lock', path: lock });
    expect(await exists(lock)).toBe(true);
    owner.stdin.end();
    await once(owner, 'close');
    expect(await waiting).toBe(true);
    expect(await exists(lock)).toBe(false);
  });

  test('a lock in a repository that is not the town’s is never touched', async () => {
    await using repo = await rigRepo();
    const lock = join(repo.path, '..', 'index.lock');
    await writeFile(lock, '');
    expect(await overcome({ kind: 'lock', path: lock })).toBe(false);
    expect(await exists(lock)).toBe(true);
  });

  test('a dead lock goes in a busy town: only gits that were there before it count, not those that begin', async () => {
    await using repo = await rigRepo();
    const lock = join(repo.path, 'refs/heads/main.lock');
    let busy = true;
    // Never a moment without a git, and none that lives long.
    const crowd = [0, 1, 2].map(async () => {
      while (busy) await repo.git('rev-list', '--all', '--objects');
    });
    await writeFile(lock, '');
    expect(await overcome({ kind: 'lock', path: lock })).toBe(true);
    busy = false;
    await Promise.all(crowd);
    expect(await exists(lock)).toBe(false);
  });

  test('a transport clears dead locks of the town’s repository, and of no other', async () => {
    await using repo = await rigRepo();
    await using remote = await tempRepo({ bare: true });
    const main = await remote.revParse('main');
    const fetched = ['fetch', '-q', remote.path, `+${main}:refs/remotes/origin/main`];
    await mkdir(join(repo.path, 'refs/remotes/origin'), { recursive: true });
    const lock = join(repo.path, 'refs/remotes/origin/main.lock');
    await writeFile(lock, '');
    const user = { cwd: repo.path, profile: 'transport' } as const;
    await expect(git(fetched, user)).rejects.toThrow(/main\.lock': File exists/);
    await git(fetched, { ...user, own: repo.path });
    expect(await exists(lock)).toBe(false);

    const theirs = join(remote.path, 'refs/heads/new.lock');
    await writeFile(theirs, '');
    const push = ['push', '-q', remote.path, `${main}:refs/heads/new`];
    await expect(git(push, { ...user, own: repo.path })).rejects.toThrow(/failed to update ref/);
    expect(await exists(theirs)).toBe(true);
  });

  test('a sweep clears them all, and half-made worktrees with them', async () => {
    await using repo = await rigRepo();
    await repo.git('worktree', 'add', '-q', '../worktrees/whole', '-b', 'whole', 'main');
    await mkdir(join(repo.path, 'worktrees/half'));
    await writeFile(join(repo.path, 'worktrees/half/commondir'), '');
    for (const lock of ['HEAD.lock', 'config.lock', 'refs/heads/main.lock', 'worktrees/whole/index.lock'])
      await writeFile(join(repo.path, lock), '');
    await clearObstacles(repo.path);
    const names = await readdir(repo.path, { recursive: true });
    expect(names.filter((name) => name.endsWith('.lock'))).toEqual([]);
    expect(await readdir(join(repo.path, 'worktrees'))).toEqual(['whole']);
  });

  test('git’s words name what is in the way', () => {
    expect(obstacleOf("fatal: Unable to create '/r/index.lock': File exists.", '/x')).toEqual({
      kind: 'lock',
      path: '/r/index.lock',
    });
    expect(obstacleOf('error: could not lock config file config: File exists', '/r')).toEqual({
      kind: 'lock',
      path: '/r/config.lock',
    });
    expect(obstacleOf('fatal: failed to read worktrees/b/commondir: Success', '/r')).toEqual({
      kind: 'halfWorktree',
      path: '/r/worktrees/b',
    });
    expect(obstacleOf('fatal: bad object', '/r')).toBeUndefined();
  });
});

test('refs move together or not at all, and one of many racers wins', async () => {
  await using repo = await rigRepo();
  const to = await repo.commitTo('side', { b: '1' });
  const first = repo.first;
  await expect(
    moveRefs(repo.path, [
      { ref: 'refs/heads/new', to, was: null },
      { ref: 'refs/heads/main', to, was: to },
    ]),
  ).rejects.toMatchObject({ type: 'GitFailed' });
  expect(await readRefs(repo.path, ['refs/heads/new', 'refs/heads/main'])).toEqual(
    new Map([['refs/heads/main', first]]),
  );
  const racers = Array.from({ length: 8 }, () =>
    moveRefs(repo.path, [{ ref: 'refs/heads/main', to, was: first }]),
  );
  const results = await Promise.allSettled(racers);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('work in turn never overlaps, keeps its order, and goes on after a failure', async () => {
  const log: string[] = [];
  const job = (name: string, fails = false) =>
    inTurn('key', async () => {
      log.push(`${name} begins`);
      await git(['version'], { cwd: '/' });
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const results = await Promise.allSettled([job('a'), job('b', true), job('c')]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});
