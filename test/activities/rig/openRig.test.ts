import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repoAt, type TempRepo, tempRepo } from '../../support/repo.ts';
import { failureOf, townWith } from './town.ts';

describe('a rig that the town cannot use is refused by name, with evidence and the next command (G10)', () => {
  const refused = async (source: string, settings = {}) => {
    await using town = await townWith(source, settings);
    const failure = await failureOf(town.open());
    expect(failure.type).toBe('RigUnusable');
    expect(failure.what).toMatch(/^Rig r: /);
    expect(failure.evidence).not.toBe('');
    return failure;
  };

  test('no folder', async () => {
    expect((await refused('/nonexistent/rig')).what).toContain('no folder /nonexistent/rig');
  });

  test('a folder that is no repository', async () => {
    await using repo = await tempRepo();
    const folder = join(repo.path, '..', 'plain');
    await mkdir(folder);
    const failure = await refused(folder);
    expect(failure.what).toContain('is not a git repository');
    expect(failure.next).toContain(`git init ${folder}`);
  });

  test('a file URL that is no repository', async () => {
    expect((await refused('file:///nonexistent/rig.git')).what).toContain('is not a git repository');
  });

  test('a branch that does not exist', async () => {
    await using repo = await tempRepo({ branch: 'trunk' });
    const failure = await refused(repo.path);
    expect(failure.what).toContain('has no branch main');
    expect(failure.next).toContain('trunk');
    // `npm start` writes its gastown.yaml anew each time.
    expect(failure.next).toContain('with `npm start`: --branch');
  });

  test('an unborn branch', async () => {
    await using repo = await tempRepo({ files: {} });
    expect((await refused(repo.path)).what).toContain('branch main is unborn');
    await using remote = await tempRepo({ files: {}, bare: true });
    expect((await refused(`file://${remote.path}`)).what).toContain('branch main is unborn');
  });

  test('a shallow clone, as a path and as a URL', async () => {
    await using repo = await tempRepo();
    await repo.commit({ a: '1' });
    const clone = join(repo.path, '..', 'shallow');
    await repo.git('clone', '-q', '--depth=1', `file://${repo.path}`, clone);
    const failure = await refused(clone);
    expect(failure.what).toContain('shallow');
    expect(failure.next).toContain(`git -C ${clone} fetch --unshallow`);
    expect((await refused(`file://${clone}`)).what).toContain('shallow');
  });

  test('submodules', async () => {
    await using repo = await tempRepo();
    await repo.git('update-index', '--add', '--cacheinfo', `160000,${await repo.revParse('HEAD')},lib/sub`);
    await repo.git('commit', '-q', '-m', 'sub');
    const failure = await refused(repo.path);
    expect(failure.what).toContain('submodules');
    expect(failure.evidence).toContain('lib/sub');
  });

  test('Git LFS', async () => {
    await using repo = await tempRepo();
    await repo.commit({ 'assets/.gitattributes': '*.png filter=lfs diff=lfs merge=lfs -text\n' });
    const failure = await refused(repo.path);
    expect(failure.what).toContain('Git LFS');
    expect(failure.evidence).toContain('assets/.gitattributes');
  });

  test('a repository of another user: the person decides, by the command that git names', async () => {
    await using repo = await tempRepo();
    process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'] = '1';
    try {
      const failure = await refused(repo.path);
      expect(failure.what).toContain('belongs to another user');
      expect(failure.next).toContain(`git config --global --add safe.directory ${repo.path}`);
    } finally {
      delete process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'];
    }
  });

  test('a folder inside a repository', async () => {
    await using repo = await tempRepo({ files: { 'src/a': '1' } });
    const failure = await refused(join(repo.path, 'src'));
    expect(failure.what).toContain('not its root');
    expect(failure.next).toContain(`path: ${repo.path}`);
    expect(failure.next).toContain(`--repo ${repo.path}`);
    expect((await refused(join(repo.path, '.git'))).what).toContain('not its root');
  });

  test('a linked worktree', async () => {
    await using repo = await tempRepo();
    const linked = join(repo.path, '..', 'linked');
    await repo.git('worktree', 'add', '-q', linked, '-b', 'side');
    const failure = await refused(linked);
    expect(failure.what).toContain('linked worktree');
    expect(failure.next).toContain(`path: ${repo.path}`);
  });

  test('a town branch that somebody has checked out', async () => {
    await using repo = await tempRepo();
    await repo.git('switch', '-q', '-c', 'gastown/main');
    const failure = await refused(repo.path, { land: { mode: 'branch', branch: 'gastown/main' } });
    expect(failure.what).toContain('is checked out');
    expect(failure.next).toContain('switch main');
  });

  test('a rig that the configuration does not name', async () => {
    await using town = await townWith('/x');
    const failure = await failureOf(town.rig.openRig({ rig: 'q', convoy: 'c', planHash: 'p' }));
    expect(failure).toMatchObject({ type: 'RigUnusable', evidence: expect.stringContaining('r') });
  });
});

describe('where the town lands', () => {
  test('push to a bare remote: the branch itself, nothing to take over', async () => {
    await using remote = await tempRepo({ bare: true });
    await using town = await townWith(`file://${remote.path}`);
    const tip = await remote.revParse('main');
    expect(await town.open()).toMatchObject({
      target: 'main',
      upstream: undefined,
      takeOver: undefined,
      tip,
      base: tip,
    });
    expect(await town.bare.revParse('refs/gt/target/main')).toBe(tip);
    expect(await town.bare.git('symbolic-ref', 'HEAD')).toBe('refs/refinery/none');
    expect(await town.bare.git('for-each-ref', 'refs/heads', 'refs/tags')).toBe('');
  });

  test('a path whose branch is checked out: a branch of the town beside it, and the command that takes it over', async () => {
    await using repo = await tempRepo();
    await using town = await townWith(repo.path);
    const opened = await town.open();
    expect(opened).toMatchObject({
      target: 'gastown/main',
      upstream: 'main',
      takeOver: `git -C ${repo.path} merge --ff-only gastown/main`,
    });
    expect(await repo.revParse('gastown/main')).toBe(await repo.revParse('main'));
    expect(await repo.git('status', '--porcelain')).toBe('');
    // What the command does is what it promises.
    await repo.commitTo('gastown/main', { landed: '1' }, 'landed');
    await repo.git(...(opened.takeOver as string).split(' ').slice(1));
    expect(await repo.log()).toEqual(['landed', 'first']);
  });

  test('once the town branch is ahead it stays the target, also when the person goes to another branch', async () => {
    await using repo = await tempRepo();
    await using town = await townWith(repo.path);
    await town.open();
    await repo.commitTo('gastown/main', { landed: '1' });
    await repo.git('switch', '-q', '--detach');
    expect(await town.open()).toMatchObject({
      target: 'gastown/main',
      takeOver: `git -C ${repo.path} fetch . gastown/main:main`,
    });
    await repo.git('fetch', '-q', '.', 'gastown/main:main');
    expect(await town.open()).toMatchObject({ target: 'main', takeOver: undefined });
  });

  test('the origin of a path rig is never touched', async () => {
    await using origin = await tempRepo({ bare: true });
    await using repo = await tempRepo();
    await repo.git('remote', 'add', 'origin', origin.path);
    await using town = await townWith(repo.path);
    const before = await origin.git('for-each-ref');
    await town.open();
    expect(await origin.git('for-each-ref')).toBe(before);
  });

  test('a branch by configuration starts at the upstream tip', async () => {
    await using remote = await tempRepo({ bare: true });
    await using town = await townWith(`file://${remote.path}`, { land: { mode: 'branch', branch: 'green' } });
    expect(await town.open()).toMatchObject({ target: 'green', upstream: 'main' });
    expect(await remote.revParse('green')).toBe(await remote.revParse('main'));
  });

  test('local: only the town has the branch, and says how to pull it', async () => {
    await using repo = await tempRepo();
    await using town = await townWith(repo.path, { land: { mode: 'local' } });
    const opened = await town.open();
    expect(opened).toMatchObject({ target: 'main', upstream: undefined });
    expect(await repo.git('branch', '--list', 'gastown/*')).toBe('');
    await town.bare.commitTo('main', { landed: '1' }, 'landed');
    await repo.git(...(opened.takeOver as string).split(' ').slice(1));
    expect(await repo.log()).toEqual(['landed', 'first']);
  });

  test('a remote that refuses the push: refused at launch, with the town branch as the way out', async () => {
    await using remote = await tempRepo({ bare: true });
    const hook = join(remote.path, 'hooks', 'pre-receive');
    await writeFile(hook, '#!/bin/sh\necho "protected branch" >&2\nexit 1\n');
    await chmod(hook, 0o755);
    await using town = await townWith(`file://${remote.path}`, {
      land: { mode: 'branch', branch: 'gastown/main' },
    });
    const failure = await failureOf(town.open());
    expect(failure).toMatchObject({
      type: 'PushRefused',
      evidence: expect.stringContaining('protected branch'),
    });
  });

  test('a remote that lets nobody of us push: refused at launch, with a branch of the town as the way out', async () => {
    await using remote = await tempRepo({ bare: true });
    const server = join(remote.path, 'no-push');
    await writeFile(server, '#!/bin/sh\necho "ERROR: Permission to a/b denied to c." >&2\nexit 1\n');
    await chmod(server, 0o755);
    await using town = await townWith(`file://${remote.path}`);
    const failure = await withUserConfig(remote, `[remote "origin"]\n\treceivepack = ${server}\n`, () =>
      failureOf(town.open()),
    );
    expect(failure).toMatchObject({ type: 'PushRefused', evidence: expect.stringContaining('denied to c') });
    expect(failure.next).toContain('`land: branch:gastown/main`');
  });

  test('a remote that does not answer is tried again, not refused', async () => {
    await using remote = await tempRepo({ bare: true });
    await using town = await townWith(`file://${remote.path}`);
    const failure = await withUserConfig(remote, '[remote "origin"]\n\treceivepack = /bin/false\n', () =>
      failureOf(town.open()),
    );
    expect(failure.type).toBe('GitFailed');
  });

  test('a path with a space is quoted in the commands that people paste', async () => {
    await using repo = await tempRepo();
    const spaced = join(repo.path, '..', 'my repo');
    await repo.git('clone', '-q', '.', spaced);
    await using town = await townWith(spaced);
    expect((await town.open()).takeOver).toBe(`git -C '${spaced}' merge --ff-only gastown/main`);
  });
});

describe('a convoy claims its name in the rig', () => {
  test('G5: the same plan gets the same base again, however far the target is', async () => {
    await using remote = await tempRepo({ bare: true });
    await using town = await townWith(`file://${remote.path}`);
    const first = await town.open('p1');
    await remote.commitTo('main', { more: '1' });
    const again = await town.open('p1');
    expect(again.base).toBe(first.base);
    expect(again.tip).toBe(await remote.revParse('main'));
  });

  test('another plan is refused with both hashes', async () => {
    await using remote = await tempRepo({ bare: true });
    await using town = await townWith(`file://${remote.path}`);
    await town.open('p1');
    const failure = await failureOf(town.open('p12'));
    expect(failure.type).toBe('PlanConflict');
    expect(failure.evidence).toMatch(/p1\n[\s\S]*p12/);
  });

  test('two plans that race: one wins, the other hears of it; the same plan twice: both get the same', async () => {
    await using remote = await tempRepo({ bare: true });
    await using town = await townWith(`file://${remote.path}`);
    const results = await Promise.allSettled([town.open('p1'), town.open('p2'), town.open('p1')]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('G5: half a copy, with the locks of a killed git, is finished', async () => {
    await using remote = await tempRepo({ bare: true });
    await using town = await townWith(`file://${remote.path}`);
    await mkdir(join(town.home.repo('r'), 'refs/remotes/origin'), { recursive: true });
    await writeFile(join(town.home.repo('r'), 'config.lock'), '');
    await writeFile(join(town.home.repo('r'), 'refs/remotes/origin/main.lock'), '');
    await town.open();
    await rm(join(town.home.repo('r'), 'HEAD'));
    const opened = await town.open();
    expect(await repoAt(town.home.repo('r')).revParse('refs/gt/target/main')).toBe(opened.tip);
  });
});

/** Runs with a global git configuration, as a user would have one. */
const withUserConfig = async <T>(repo: TempRepo, text: string, action: () => Promise<T>): Promise<T> => {
  const file = join(repo.path, 'user.config');
  await writeFile(file, text);
  const before = process.env['GIT_CONFIG_GLOBAL'];
  process.env['GIT_CONFIG_GLOBAL'] = file;
  try {
    return await action();
  } finally {
    if (before === undefined) delete process.env['GIT_CONFIG_GLOBAL'];
    else process.env['GIT_CONFIG_GLOBAL'] = before;
  }
};
