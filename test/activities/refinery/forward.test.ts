import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { RigSettings } from '../../../workflows/domain/rig.ts';
import { type Files, repoAt, type TempRepo, tempRepo } from '../../support/repo.ts';
import { type RefineryTown, refineryTown } from './town.ts';

interface Desk extends AsyncDisposable {
  readonly town: RefineryTown;
  /** The person's repository, with `main` checked out. */
  readonly work: TempRepo;
  /** Lands files beside `main`, on `gastown/main`; gives the tip. */
  landed(name: string, files: Files): Promise<string>;
  forward(): ReturnType<RefineryTown['refinery']['forwardUpstream']>;
  read(path: string): Promise<string>;
}

const desk = async (rig: Partial<RigSettings> = {}, files: Files = { 'a.txt': 'a\n' }): Promise<Desk> => {
  const work = await tempRepo({ files });
  const target = { target: 'gastown/main', upstream: 'main' };
  const town = await refineryTown({ remote: work, rig, target });
  return {
    town,
    work,
    async landed(name, change) {
      const base = await work.revParse('gastown/main').catch(() => work.revParse('main'));
      return (await town.through(await town.bead(name, change, base))).commit as string;
    },
    forward: () => town.refinery.forwardUpstream(town.target),
    read: (path) => readFile(join(work.path, path), 'utf8'),
    [Symbol.asyncDispose]: () => town[Symbol.asyncDispose](),
  };
};

describe('a checked-out branch follows what lands beside it', () => {
  it('moves branch, index and work tree together, and is even the next time (G5)', async () => {
    await using at = await desk();
    const tip = await at.landed('one', { 'a.txt': 'A\n', 'src/one.txt': 'one\n' });
    expect(await at.work.revParse('main')).not.toBe(tip);
    expect(await at.forward()).toEqual({ outcome: 'forwarded', commit: tip });
    expect(await at.work.revParse('HEAD')).toBe(tip);
    expect(await at.work.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(await at.read('a.txt')).toBe('A\n');
    expect(await at.read('src/one.txt')).toBe('one\n');
    expect(await at.work.git('status', '--porcelain')).toBe('');
    expect(await at.forward()).toEqual({ outcome: 'even', commit: tip });
  });

  it('G5: and when the person merges at the same moment, both have done it and nothing is out of step', async () => {
    await using at = await desk();
    for (const round of Array.from({ length: 8 }, (_, index) => index)) {
      const tip = await at.landed(`round-${round}`, { [`src/${round}.txt`]: `${round}\n` });
      // Whoever comes second may be told so by git, and tries again.
      const merge = execute('git', ['merge', '--quiet', '--ff-only', 'gastown/main'], { cwd: at.work.path });
      await Promise.all([at.forward(), merge.catch(() => undefined)]);
      await at.forward();
      expect(await at.work.revParse('main')).toBe(tip);
      expect(await at.work.git('status', '--porcelain')).toBe('');
    }
  });

  it('takes files away and keeps untracked and ignored ones that are in nobody’s way', async () => {
    await using at = await desk({}, { 'a.txt': 'a\n', 'old/b.txt': 'b\n', '.gitignore': 'build\n' });
    await writeFile(join(at.work.path, 'notes.md'), 'mine\n');
    await mkdir(join(at.work.path, 'build'));
    await writeFile(join(at.work.path, 'build/out'), 'made\n');
    const tip = await at.landed('one', { 'old/b.txt': null, old: 'now a file\n' });
    expect(await at.forward()).toEqual({ outcome: 'forwarded', commit: tip });
    expect(await at.read('old')).toBe('now a file\n');
    expect(await at.read('notes.md')).toBe('mine\n');
    expect(await at.read('build/out')).toBe('made\n');
  });

  it('follows in a linked worktree too, with blanks and other scripts in paths', async () => {
    await using at = await desk();
    const side = join(at.work.path, '..', 'neben über');
    await at.work.git('switch', '-q', '-c', 'other');
    await at.work.git('worktree', 'add', '-q', side, 'main');
    const tip = await at.landed('one', { 'größe 1.txt': 'x\r\n' });
    expect(await at.forward()).toEqual({ outcome: 'forwarded', commit: tip });
    expect(await readFile(join(side, 'größe 1.txt'), 'utf8')).toBe('x\r\n');
    expect(await repoAt(side).git('status', '--porcelain')).toBe('');
    expect(await at.work.git('symbolic-ref', '--short', 'HEAD')).toBe('other');
    expect(await at.work.git('status', '--porcelain')).toBe('');
  });

  it('moves a branch that is checked out nowhere, and no work tree', async () => {
    await using at = await desk();
    await at.work.git('switch', '-q', '-c', 'other');
    const tip = await at.landed('one', { 'one.txt': '1\n' });
    expect(await at.forward()).toEqual({ outcome: 'forwarded', commit: tip });
    expect(await at.work.revParse('main')).toBe(tip);
    expect(await at.work.git('ls-files')).toBe('a.txt');
  });

  it('writes files as the person’s own configuration says', async () => {
    await using at = await desk();
    await at.work.git('config', 'core.autocrlf', 'true');
    await at.landed('one', { 'one.txt': '1\n2\n' });
    expect(await at.forward()).toMatchObject({ outcome: 'forwarded' });
    expect(await at.read('one.txt')).toBe('1\r\n2\r\n');
    expect(await at.work.git('status', '--porcelain')).toBe('');
  });

  it('leaves it to the person with `land: branch:` and `local`', async () => {
    await using at = await desk({ land: { mode: 'branch', branch: 'gastown/main' } });
    await at.landed('one', { 'one.txt': '1\n' });
    expect(await at.forward()).toEqual({ outcome: 'theirs' });
  });
});

describe('what is the person’s stays as it is (G10: and is named, with one command)', () => {
  const stays = async (at: Desk, what: RegExp, evidence: RegExp | string): Promise<void> => {
    const head = await at.work.revParse('main');
    const before = await at.work.git('status', '--porcelain');
    const found = await at.forward();
    expect(found).toMatchObject({
      outcome: 'behind',
      behind: {
        what: expect.stringMatching(what),
        evidence: expect.stringMatching(evidence),
        next: `git -C ${at.work.path} merge --ff-only gastown/main`,
      },
    });
    expect(await at.work.revParse('main')).toBe(head);
    expect(await at.work.git('status', '--porcelain')).toBe(before);
  };

  it('a changed file, also one that the landing does not touch', async () => {
    await using at = await desk({}, { 'a.txt': 'a\n', 'b.txt': 'b\n' });
    const tip = await at.landed('one', { 'a.txt': 'A\n' });
    await writeFile(join(at.work.path, 'b.txt'), 'mine\n');
    await stays(at, /not committed/, /b\.txt/);
    expect(await at.read('b.txt')).toBe('mine\n');
    // And goes on by itself when that is gone.
    await at.work.git('checkout', '-q', '--', 'b.txt');
    expect(await at.forward()).toEqual({ outcome: 'forwarded', commit: tip });
  });

  it('a staged file', async () => {
    await using at = await desk();
    await at.landed('one', { 'one.txt': '1\n' });
    await writeFile(join(at.work.path, 'new.txt'), 'mine\n');
    await at.work.git('add', 'new.txt');
    await stays(at, /not committed/, /new\.txt/);
  });

  it('an untracked file where something landed, and an ignored one, which git would write over', async () => {
    await using at = await desk({}, { 'a.txt': 'a\n', '.gitignore': '.env\nbuild\n' });
    await at.landed('one', { '.env': 'theirs\n', 'notes.md': 'theirs\n', 'build/x': 'theirs\n' });
    await writeFile(join(at.work.path, '.env'), 'SECRET=mine\n');
    await stays(at, /in the way/, /^\.env$/m);
    await writeFile(join(at.work.path, 'notes.md'), 'mine\n');
    await writeFile(join(at.work.path, 'build'), 'mine\n');
    await stays(at, /in the way/, /^build\nnotes\.md$/m);
    expect(await at.read('.env')).toBe('SECRET=mine\n');
    expect(await at.read('build')).toBe('mine\n');
  });

  it('an operation that they are in the middle of', async () => {
    await using at = await desk();
    const tip = await at.landed('one', { 'one.txt': '1\n' });
    await at.work.git('update-ref', '-d', 'refs/heads/none').catch(() => {});
    await writeFile(join(at.work.path, '.git', 'MERGE_HEAD'), `${tip}\n`);
    await stays(at, /unfinished/, /MERGE_HEAD/);
  });

  it('a lock of theirs, for as long as it is there', async () => {
    await using at = await desk();
    await at.landed('one', { 'one.txt': '1\n' });
    await writeFile(join(at.work.path, '.git', 'index.lock'), '');
    await stays(at, /while git works/, /index\.lock exists; if no git runs/);
  });

  it('commits of theirs: the queue takes them in first', async () => {
    await using at = await desk();
    await at.landed('one', { 'one.txt': '1\n' });
    const mine = await at.work.commit({ 'mine.txt': 'mine\n' });
    expect(await at.forward()).toMatchObject({
      outcome: 'behind',
      behind: {
        what: expect.stringMatching(/commits of yours/),
        next: `git -C ${at.work.path} merge gastown/main`,
      },
    });
    expect(await at.work.revParse('main')).toBe(mine);
    // The merge of the person's branch is the next group, and then everything goes forward.
    const group = await at.town.compose();
    expect((await at.town.test(group)).verdict).toBe('green');
    await at.town.land(group);
    expect(await at.forward()).toEqual({ outcome: 'forwarded', commit: group.commit });
    expect(await at.read('one.txt')).toBe('1\n');
  });
});

describe('races and kills', () => {
  it('G9: no hook of the checkout runs, not even one that has just landed', async () => {
    await using at = await desk();
    await at.landed('one', { 'hooks/post-receive': '#!/bin/sh\ntouch ../ran\n', 'one.txt': '1\n' });
    await at.work.git('config', 'core.hooksPath', 'hooks');
    for (const hook of [
      'post-merge',
      'post-checkout',
      'push-to-checkout',
      'update',
      'reference-transaction',
    ]) {
      await mkdir(join(at.work.path, '.git', 'hooks'), { recursive: true });
      await writeFile(join(at.work.path, '.git', 'hooks', hook), '#!/bin/sh\ntouch ../ran\nexit 1\n');
      await chmod(join(at.work.path, '.git', 'hooks', hook), 0o755);
    }
    await at.work.git('config', 'core.hooksPath', '.git/hooks');
    expect(await at.forward()).toMatchObject({ outcome: 'forwarded' });
    await expect(stat(join(at.work.path, '..', 'ran'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['before anything moved', []],
    ['in the middle of the files', ['files']],
    ['between files and index', ['files', 'more files']],
    ['between index and branch', ['index']],
  ])('G5: killed %s, with the lock in its hand, it goes on where it was', async (_, done) => {
    await using at = await desk({}, { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' });
    const tip = await at.landed('one', { 'a.txt': 'A\n', 'b.txt': null, 'c.txt': 'C\n', 'n/d.txt': 'd\n' });
    const path = (name: string): string => join(at.work.path, name);
    if (done.includes('index')) await at.work.git('read-tree', '-m', '-u', tip);
    if (done.includes('files')) {
      await writeFile(path('a.txt'), 'A\n');
      await mkdir(path('n'));
      await writeFile(path('n/d.txt'), 'd\n');
    }
    if (done.includes('more files')) {
      await writeFile(path('c.txt'), 'C\n');
      await rm(path('b.txt'));
    }
    const lock = path('.git/index.lock');
    await writeFile(lock, '');
    const { ino } = await stat(lock);
    await writeFile(path('.git/gastown-holder'), JSON.stringify({ pid: 1, born: 'long ago', ino }));
    await writeFile(path('.git/gastown-index.lock'), '');
    expect(await at.forward()).toEqual({ outcome: 'forwarded', commit: tip });
    expect(await at.work.revParse('main')).toBe(tip);
    expect(await at.work.git('status', '--porcelain')).toBe('');
    expect((await readdir(path('.git'))).filter((name) => /lock|gastown/.test(name))).toEqual([]);
  });

  it('G5: killed after the branch, it leaves no lock in the person’s way for good', async () => {
    await using at = await desk();
    const tip = await at.landed('one', { 'one.txt': '1\n' });
    await at.forward();
    const lock = join(at.work.path, '.git/index.lock');
    await writeFile(lock, '');
    // Somebody else's lock is not ours to judge, whatever an old note says.
    await writeFile(join(at.work.path, '.git/gastown-holder'), '{"pid":1,"born":"x","ino":1}');
    expect(await at.forward()).toEqual({ outcome: 'even', commit: tip });
    const { ino } = await stat(lock);
    await writeFile(join(at.work.path, '.git/gastown-holder'), JSON.stringify({ pid: 1, born: 'x', ino }));
    expect(await at.forward()).toEqual({ outcome: 'even', commit: tip });
    await expect(stat(lock)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('what is half the person’s and half a landing’s is all the person’s', async () => {
    await using at = await desk({}, { 'a.txt': 'a\n', 'b.txt': 'b\n' });
    await at.landed('one', { 'a.txt': 'A\n', 'b.txt': 'B\n' });
    await writeFile(join(at.work.path, 'a.txt'), 'A\n');
    await writeFile(join(at.work.path, 'b.txt'), 'mine\n');
    expect(await at.forward()).toMatchObject({ outcome: 'behind' });
    expect(await at.read('a.txt')).toBe('A\n');
    expect(await at.read('b.txt')).toBe('mine\n');
  });

  it('a person who commits and edits all the while loses nothing, and main only ever goes forward', async () => {
    await using at = await desk();
    const person = async (): Promise<string[]> => {
      const commits: string[] = [];
      for (let n = 0; n < 6; n++) {
        await writeFile(join(at.work.path, 'mine.txt'), `line ${n}\n`);
        // git says no while the town holds the lock: a person tries again.
        for (let tries = 0; tries < 500; tries++) {
          const done = await execute('git', ['commit', '-qam', `mine ${n}`], {
            cwd: at.work.path,
            env: { ...process.env, ...identity },
          }).then(
            () => true,
            () => false,
          );
          if (done) break;
        }
        commits.push(await at.work.revParse('HEAD'));
      }
      return commits;
    };
    await at.work.commit({ 'mine.txt': 'start\n' });
    let busy = true;
    const takeIn = async (): Promise<boolean> => {
      const upstream = await at.town.compose();
      if (upstream.commit === undefined) return false;
      await at.town.test(upstream);
      await at.town.land(upstream);
      return true;
    };
    const town = async (): Promise<void> => {
      for (let n = 0; busy || n < 3; n++) {
        if (!(await takeIn()) && n < 12) await at.landed(`b${n}`, { [`b${n}.txt`]: `${n}\n` });
        await at.forward();
      }
    };
    const [commits] = await Promise.all([person().finally(() => (busy = false)), town()]);
    await takeIn();
    const tip = await at.work.revParse('gastown/main');
    const last = await at.forward();
    expect(JSON.stringify(last)).toMatch(/"(even|forwarded)"/);
    for (const commit of commits) await at.work.git('merge-base', '--is-ancestor', commit, 'main');
    expect(await at.work.revParse('main')).toBe(tip);
    expect(await at.read('mine.txt')).toBe('line 5\n');
    expect(await at.work.git('status', '--porcelain')).toBe('');
  });
});

const execute = promisify(execFile);
const identity = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};
