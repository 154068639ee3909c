import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gitRef } from '../../../workflows/domain/naming.ts';
import { repoAt, type TempRepo, tempRepo } from '../../support/repo.ts';
import { beadRef, beadRequest, land, type Town, townWith, work } from './town.ts';

const lines = (...changed: [number, string][]): string => {
  const text = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  for (const [at, line] of changed) text[at] = line;
  return `${text.join('\n')}\n`;
};

const rebase = (town: Town, head: string, base: string, attempt = 1) =>
  town.rig.rebaseBead({ ...beadRequest('b1'), head, base, attempt });

/** A rig with one file, and bead b1 open on it. */
const opened = async (source: TempRepo, town: Town): Promise<{ base: string; worktree: string }> => {
  expect(await source.show('main', 'a.txt')).toBe(lines().trimEnd().concat('\n'));
  await town.open();
  return town.openBead('b1');
};

test('a change that merges becomes one commit on the tip, and the worktree follows', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': lines() } });
  await using town = await townWith(`file://${source.path}`);
  const { base, worktree } = await opened(source, town);
  await work(town, 'b1', { 'a.txt': lines([2, 'mine']) }, 'one');
  const head = await work(town, 'b1', { 'b.txt': 'mine\n' }, 'two\n\nPolecat: Toast');
  await land(source, town, 'other', { 'a.txt': lines([15, 'theirs']) });
  const tip = await source.revParse('main');

  const first = await rebase(town, head, base);
  expect(first).toMatchObject({ outcome: 'clean', base: tip });
  expect(await town.bare.log(`${tip}..${first.head}`)).toEqual(['two']);
  expect(await town.bare.show(first.head, 'a.txt')).toBe(lines([2, 'mine'], [15, 'theirs']));
  expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe(lines([2, 'mine'], [15, 'theirs']));
  expect(await repoAt(worktree).git('status', '--porcelain')).toBe('');
  expect(await town.bare.revParse(gitRef.base(beadRef('b1')))).toBe(tip);

  // G5: the same again, and the same when the target has moved since.
  expect(await rebase(town, head, base)).toEqual(first);
  await land(source, town, 'third', { 'c.txt': '1\n' });
  expect(await rebase(town, head, base)).toEqual(first);
  // And the work goes on from there.
  const next = await rebase(town, first.head, first.base);
  expect(next).toMatchObject({ outcome: 'clean', base: await source.revParse('main') });
});

test('a change that is on the target already leaves nothing', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': lines() } });
  await using town = await townWith(`file://${source.path}`);
  const { base } = await opened(source, town);
  const head = await work(town, 'b1', { 'a.txt': lines([2, 'same']) });
  await land(source, town, 'other', { 'a.txt': lines([2, 'same']) });
  const tip = await source.revParse('main');
  const result = { outcome: 'empty', base: tip, head: tip };
  expect(await rebase(town, head, base)).toEqual(result);
  expect(await rebase(town, head, base)).toEqual(result);
});

test('a conflict keeps the work aside, starts from the tip, and tells the model what it had and what is new', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': lines(), 'far.txt': '1\n' } });
  await using town = await townWith(`file://${source.path}`);
  const { base, worktree } = await opened(source, town);
  const head = await work(town, 'b1', { 'a.txt': lines([2, 'my ``` ``` line']), 'b.txt': 'new\n' });
  await land(source, town, 'other', { 'a.txt': lines([2, 'their line']), 'far.txt': 'far away\n' });
  const tip = await source.revParse('main');

  const result = await rebase(town, head, base, 3);
  if (result.outcome !== 'conflict') throw new Error(result.outcome);
  expect(result).toMatchObject({ base: tip, head: tip, feedback: { kind: 'conflict' } });
  expect(result.feedback.summary).toContain('a.txt');
  const text = await town.blobs.get(result.feedback.ref);
  expect(text).toContain('- a.txt\n');
  expect(text).toContain('+my ``` ``` line');
  expect(text).toContain('````diff');
  expect(text).toContain('+++ b/b.txt');
  expect(text).toContain('+their line');
  expect(text).not.toContain('far away');
  expect(await town.bare.revParse(gitRef.kept(beadRef('b1'), 'attempt-3'))).toBe(head);
  expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe(lines([2, 'their line']));
  expect(await rebase(town, head, base, 3)).toEqual(result);
});

test('the feedback of a huge change is bounded and free of control characters', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': lines() } });
  await using town = await townWith(`file://${source.path}`);
  const { base } = await opened(source, town);
  const head = await work(town, 'b1', { 'a.txt': `\u001b[31m${'mine\n'.repeat(50_000)}` });
  await land(source, town, 'other', { 'a.txt': 'theirs\n'.repeat(50_000) });
  const result = await rebase(town, head, base);
  if (result.outcome !== 'conflict') throw new Error(result.outcome);
  const text = await town.blobs.get(result.feedback.ref);
  expect(text.length).toBeLessThan(22_000);
  expect(text).toMatch(/more lines are left out/);
  expect(text).not.toContain('\u001b');
});

test('nothing new on the target: all stays as it is', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': lines() } });
  await using town = await townWith(`file://${source.path}`);
  const { base } = await opened(source, town);
  const head = await work(town, 'b1', { 'b.txt': '1\n' });
  expect(await rebase(town, head, base)).toEqual({ outcome: 'clean', base, head });
});

test('a renamed folder on one side is no silent loss on the other', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': lines(), 'old/x.txt': lines() } });
  await using town = await townWith(`file://${source.path}`);
  const { base } = await opened(source, town);
  const head = await work(town, 'b1', { 'old/new.txt': 'mine\n' });
  await land(source, town, 'other', { 'old/x.txt': null, 'new/x.txt': lines() });
  const result = await rebase(town, head, base);
  expect(result.outcome).toBe('clean');
  expect(await town.bare.show(result.head, 'old/new.txt')).toBe('mine\n');
});

test('G5: commits on the branch that the workflow never heard of are kept for people', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': lines() } });
  await using town = await townWith(`file://${source.path}`);
  const { base } = await opened(source, town);
  const head = await work(town, 'b1', { 'b.txt': '1\n' });
  const stray = await work(town, 'b1', { 'c.txt': '1\n' });
  await land(source, town, 'other', { 'd.txt': '1\n' });
  const result = await rebase(town, head, base);
  expect(result.outcome).toBe('clean');
  expect(await town.bare.show(result.head, 'c.txt')).toBeUndefined();
  expect(await town.bare.revParse(gitRef.kept(beadRef('b1'), `unclaimed-${stray.slice(0, 12)}`))).toBe(stray);
});

test('G5: a branch that is gone is made again from the commit that the workflow knows', async () => {
  await using source = await tempRepo({ bare: true, files: { 'a.txt': lines() } });
  await using town = await townWith(`file://${source.path}`);
  const { base, worktree } = await opened(source, town);
  const head = await work(town, 'b1', { 'b.txt': '1\n' });
  await land(source, town, 'other', { 'd.txt': '1\n' });
  await town.bare.git('update-ref', '-d', gitRef.bead(beadRef('b1')));
  const result = await rebase(town, head, base);
  expect(result.outcome).toBe('clean');
  expect(await readFile(join(worktree, 'b.txt'), 'utf8')).toBe('1\n');
  expect(await readFile(join(worktree, 'd.txt'), 'utf8')).toBe('1\n');
});
