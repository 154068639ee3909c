import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repoAt, tempRepo } from '../../support/repo.ts';
import { beadRef, beadRequest, land, townWith, work } from './town.ts';

test('a bead opens on the tip of the target, on a branch and in a worktree of its own', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': 'one\n' } });
  await using town = await townWith(`file://${source.path}`);
  const { tip } = await town.open();
  const opened = await town.openBead('b1');
  expect(opened).toEqual({
    landed: undefined,
    base: tip,
    head: tip,
    worktree: town.home.worktree('r', beadRef('b1')),
  });
  expect(await readFile(join(opened.worktree, 'a.txt'), 'utf8')).toBe('one\n');
  const worktree = repoAt(opened.worktree);
  expect(await worktree.git('symbolic-ref', 'HEAD')).toBe('refs/heads/gt/c/e/b1');
  expect(await worktree.git('status', '--porcelain')).toBe('');
});

test('sixteen beads open at once (G5: a crowd of `worktree add` loses none)', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': 'one\n', 'd/b.txt': 'two\n' } });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  const beads = Array.from({ length: 16 }, (_, at) => `b${at}`);
  const opened = await Promise.all(beads.map((bead) => town.openBead(bead)));
  const texts = await Promise.all(opened.map(({ worktree }) => readFile(join(worktree, 'd/b.txt'), 'utf8')));
  expect(texts).toEqual(beads.map(() => 'two\n'));
  expect((await town.bare.git('worktree', 'list')).split('\n')).toHaveLength(17);
  await Promise.all(beads.map((bead) => town.rig.closeBead({ ...beadRequest(bead), keep: 'nothing' })));
  expect((await town.bare.git('worktree', 'list')).split('\n')).toHaveLength(1);
});

test('G5: work on the branch is gone on with, on the base that it was made on', async () => {
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`);
  const { tip } = await town.open();
  await town.openBead('b1');
  const head = await work(town, 'b1', { 'new.txt': '1\n' });
  await land(source, town, 'other', { 'other.txt': '1\n' });
  expect(await town.openBead('b1')).toMatchObject({ base: tip, head });
  // Also when the record of the base is lost.
  await town.bare.git('update-ref', '-d', 'refs/gt/base/c/e/b1');
  expect(await town.openBead('b1')).toMatchObject({ base: tip, head });
});

test('without any work yet, a bead that is opened again moves to the newest tip', async () => {
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  await town.openBead('b1');
  await land(source, town, 'other', { 'other.txt': '1\n' });
  const opened = await town.openBead('b1');
  expect(opened.base).toBe(await source.revParse('main'));
  expect(await readFile(join(opened.worktree, 'other.txt'), 'utf8')).toBe('1\n');
});

test('G1, G4: a bead that has landed is found by both trailers, exactly, also behind the second parent of a group', async () => {
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  const commit = await land(source, town, 'b10', { 'x.txt': '1\n' });
  expect(await town.rig.openBead(beadRequest('b10'))).toEqual({ landed: commit });
  expect(await town.rig.findLanded(beadRequest('b10'))).toBe(commit);
  // b1 begins like b10; the same bead with another task is another bead.
  expect(await town.rig.findLanded(beadRequest('b1'))).toBeNull();
  const { spec } = beadRequest('b10');
  const otherTask = { ...beadRequest('b10'), spec: { ...spec, taskRef: 'f'.repeat(64) } };
  expect(await town.rig.findLanded(otherTask)).toBeNull();
  const half = { ...otherTask, spec: { ...spec, taskRef: spec.taskRef.slice(0, 20) } };
  expect(await town.rig.findLanded(half)).toBeNull();
});

test('a commit that only quotes trailers is not a landing', async () => {
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  const { spec } = beadRequest('b1');
  await source.commitTo(
    'main',
    { q: '1' },
    `quote\n\nBead: c/e/b1\nBead-Task: ${spec.taskRef}\n\nis what it said.`,
  );
  expect(await town.rig.findLanded(beadRequest('b1'))).toBeNull();
});

test('a landing before the convoy began does not count', async () => {
  await using source = await tempRepo({ bare: true });
  await using earlier = await townWith(`file://${source.path}`);
  await earlier.open();
  await land(source, earlier, 'b1', { 'x.txt': '1\n' });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  expect(await town.rig.findLanded(beadRequest('b1'))).toBeNull();
});

test('G4: a landing that only the remote knows of is found', async () => {
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`);
  const { tip } = await town.open();
  const commit = await land(source, town, 'b1', { 'x.txt': '1\n' });
  await town.bare.git('update-ref', 'refs/gt/target/main', tip);
  await town.bare.git('update-ref', 'refs/remotes/origin/main', tip);
  expect(await town.rig.findLanded(beadRequest('b1'))).toBe(commit);
});

test('G5: whatever a killed run leaves of a worktree, opening gives exactly what the branch holds', async () => {
  await using source = await tempRepo({
    bare: true,
    files: { 'a.txt': 'one\n', '.gitignore': 'dist\nnode_modules\n' },
  });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  const { worktree } = await town.openBead('b1');
  const head = await work(town, 'b1', { 'a.txt': 'two\n' });
  const admin = (await readFile(join(worktree, '.git'), 'utf8')).trim().slice('gitdir: '.length);
  const leftovers: Record<string, () => Promise<unknown>> = {
    'dirt, unknown and ignored files': async () => {
      await writeFile(join(worktree, 'a.txt'), 'dirt');
      await writeFile(join(worktree, 'unknown'), 'dirt');
      await mkdir(join(worktree, 'dist'), { recursive: true });
      await writeFile(join(worktree, 'dist/x'), 'dirt');
    },
    'index.lock': () => writeFile(join(admin, 'index.lock'), ''),
    'the lock of the branch': () => writeFile(join(town.home.repo('r'), 'refs/heads/gt/c/e/b1.lock'), ''),
    'a torn index': () => writeFile(join(admin, 'index'), 'DIRC torn'),
    'no index': () => rm(join(admin, 'index')),
    'no folder': () => rm(worktree, { recursive: true }),
    'no registration': () => rm(admin, { recursive: true }),
    'an empty folder': async () => {
      await rm(worktree, { recursive: true });
      await mkdir(worktree);
    },
    'a .git file that leads elsewhere': () => writeFile(join(worktree, '.git'), 'gitdir: /tmp/elsewhere\n'),
    'a repository in the place of the .git file': async () => {
      await rm(join(worktree, '.git'));
      await repoAt(worktree).git('init', '-q');
    },
    'another branch': () => writeFile(join(admin, 'HEAD'), 'ref: refs/heads/elsewhere\n'),
    'half a registration': async () => {
      await writeFile(join(admin, 'commondir'), '');
      await rm(worktree, { recursive: true });
    },
  };
  for (const [name, leave] of Object.entries(leftovers)) {
    await leave();
    expect(await town.openBead('b1'), name).toMatchObject({ head });
    expect(await readFile(join(worktree, 'a.txt'), 'utf8'), name).toBe('two\n');
    expect((await readdir(worktree)).sort(), name).toEqual(['.git', '.gitignore', 'a.txt']);
    expect(await repoAt(worktree).git('status', '--porcelain'), name).toBe('');
  }
});

test('a home behind a symbolic link is no reason to make worktrees anew', async () => {
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`, {}, { linked: true });
  await town.open();
  const { worktree } = await town.openBead('b1');
  const before = await stat(worktree);
  await town.openBead('b1');
  expect((await stat(worktree)).ino).toBe(before.ino);
  await town.rig.closeBead({ ...beadRequest('b1'), keep: 'nothing' });
  expect(await readdir(join(town.home.repo('r'), 'worktrees'))).toEqual([]);
});

test('caches stay when the rest is cleaned', async () => {
  await using source = await tempRepo({ bare: true, files: { '.gitignore': 'node_modules\n' } });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  const { worktree } = await town.openBead('b1');
  await mkdir(join(worktree, 'node_modules/x'), { recursive: true });
  await writeFile(join(worktree, 'node_modules/x/index.js'), '');
  await town.openBead('b1');
  await access(join(worktree, 'node_modules/x/index.js'));
});

test('G5: half a registration of another worktree does not stop a bead from opening', async () => {
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  await mkdir(join(town.home.repo('r'), 'worktrees/ghost'), { recursive: true });
  for (const name of ['commondir', 'gitdir', 'HEAD'])
    await writeFile(join(town.home.repo('r'), 'worktrees/ghost', name), '');
  await town.openBead('b1');
});

test('closing removes worktree, branch and base, also twice and when half is gone', async () => {
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  const { worktree } = await town.openBead('b1');
  await work(town, 'b1', { 'a.txt': '1\n' });
  await rm(join(worktree, '.git'));
  const close = { ...beadRequest('b1'), keep: 'nothing' } as const;
  await town.rig.closeBead(close);
  await town.rig.closeBead(close);
  await expect(access(worktree)).rejects.toThrow('ENOENT');
  expect(await readdir(join(town.home.repo('r'), 'worktrees'))).toEqual([]);
  expect(await town.bare.git('for-each-ref', 'refs/heads', 'refs/gt/base', 'refs/gt/kept')).toBe('');
});

test('closing with the work kept leaves it under a ref for people, and nothing when there was none', async () => {
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  await town.openBead('b1');
  await town.openBead('b2');
  const head = await work(town, 'b1', { 'a.txt': '1\n' });
  for (const bead of ['b1', 'b1', 'b2']) await town.rig.closeBead({ ...beadRequest(bead), keep: 'ref' });
  expect(await town.bare.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/gt/kept')).toBe(
    `refs/gt/kept/c/e/b1/closed-${head.slice(0, 12)} ${head}`,
  );
});

test('G7: closing with the branch kept lets the next run go on where this one stood', async () => {
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  const { base, worktree } = await town.openBead('b1');
  const head = await work(town, 'b1', { 'a.txt': '1\n' });
  for (let time = 0; time < 2; time++) await town.rig.closeBead({ ...beadRequest('b1'), keep: 'branch' });
  await expect(access(worktree)).rejects.toThrow('ENOENT');
  expect(await town.openBead('b1')).toMatchObject({ base, head });
  expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('1\n');
});

test('before a worktree goes it is looked at: what is in no commit is kept, what still runs is ended, and both are told', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': 'a\n', '.gitignore': 'ignored\n' } });
  await using town = await townWith(`file://${source.path}`);
  await town.open();
  const close = { ...beadRequest('b1'), keep: 'ref' } as const;
  const path = town.home.worktree('r', beadRef('b1'));

  await town.openBead('b1');
  await work(town, 'b1', { 'done.txt': 'done\n' });
  await writeFile(join(path, 'ignored'), 'ignored\n');
  expect(await town.rig.closeBead(close)).toEqual([]);

  // Ended between the commit and its checkout: the worktree shows an earlier state of the branch.
  await town.openBead('b1');
  await town.bare.commitTo('gt/c/e/b1', { 'a.txt': 'newer\n' }, 'Newer');
  expect(await town.rig.closeBead(close)).toEqual([]);

  await town.openBead('b1');
  await writeFile(join(path, 'a.txt'), 'by somebody else\n');
  await writeFile(join(path, 'new.txt'), 'new\n');
  const { worktree } = await town.openBead('b2');
  await writeFile(join(worktree, 'a.txt'), 'by another bead\n');
  await repoAt(worktree).git('stash', 'push', '--quiet', '-m', 'theirs');
  const scratch = join(town.home.scratch, `${process.pid}-x`, 'home');
  await mkdir(scratch, { recursive: true });
  const stray = spawn('sleep', ['600'], { cwd: path, env: { ...process.env, HOME: scratch } });
  const ended = once(stray, 'exit');
  await repoAt(path).git('stash', 'push', '--quiet', '--', 'a.txt');
  const odd = (await town.rig.closeBead(close)) as readonly string[];
  await ended;
  expect(odd.join('\n')).toMatch(/1 processes of gates still ran/);
  expect(odd.join('\n')).toMatch(/a stash was left, kept as refs\/gt\/kept\/c\/e\/b1\/stash-/);
  const left = /kept as (\S+left-\S+)/.exec(odd.join('\n'))?.[1];
  expect(await town.bare.git('show', `${left}:new.txt`)).toBe('new');
  // What another bead has stashed is its own.
  const stashed = await town.bare.git('for-each-ref', '--format=%(subject)', 'refs/stash');
  expect(stashed).toMatch(/On gt\/c\/e\/b2: theirs|WIP on gt\/c\/e\/b2/);
});
