import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import { taskQueue, workflowId } from '../../workflows/domain/naming.ts';
import type { OwnBranchStatus } from '../../workflows/domain/queue/ownBranch.ts';
import type { RefineryStatus } from '../../workflows/domain/report/report.ts';
import { gt, type Ran } from '../client/gtProcess.ts';
import { recordHistory } from '../replay/record.ts';
import type { TempRepo } from '../support/repo.ts';
import { filesReply, type TestTown } from '../support/town.ts';
import { type DeskTown, openDeskTown } from './deskTown.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let open: DeskTown;
let town: TestTown;
/** A rig whose main a person has checked out. */
let desk: TempRepo;

beforeAll(async () => {
  open = await openDeskTown((bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }));
  ({ town, desk } = open);
});
afterAll(() => open?.[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<Ran> => gt(['submit', '--rig', 'rig', ...args], town.folder);
const refinery = (): Promise<RefineryStatus> =>
  town.client.workflow.getHandle(workflowId.refinery('rig', 'main')).query('refineryStatus');

/** A branch of the remote with commits on top of main. */
const branch = async (name: string, ...commits: Record<string, string>[]): Promise<string> => {
  await town.repo.git('branch', '-f', name, 'main');
  let head = '';
  for (const [at, files] of commits.entries())
    head = await town.repo.commitTo(name, files, `${name} ${at + 1}`);
  return head;
};

test('G1, G2: a branch is tested and lands with its commits and authors as they are; the branch stays', async () => {
  const head = await branch('fix/Login', { 'src/a.txt': 'a\n' }, { 'src/b.txt': 'b\n' });
  const ran = await run('fix/Login', '--wait', '--title', 'Repair the login');
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(ran.out).toMatch(/^rig fix\/Login for main: landed as [0-9a-f]{10} on main$/);
  await town.repo.git('merge-base', '--is-ancestor', head, 'main');
  expect(await town.repo.revParse('fix/Login')).toBe(head);
  expect(await town.repo.git('log', '-1', '--format=%an', head)).toBe('Ada Example');
  expect(await town.repo.log('--first-parent -1 main'.split(' ').at(-1))).toContain('Land: Repair the login');
  const merge = await town.repo.git('log', '-1', '--format=%B', 'main^2');
  expect(merge).toContain('Bead: submission/rig/fix-login-');
  expect(merge).not.toContain('Polecat:');
  const copy = await town.repo.git('--git-dir', join(town.config.home, 'rigs/rig/repo.git'), 'for-each-ref');
  expect(copy).not.toContain('refs/gt/submit/');

  const id = /Bead: (submission\/rig\/\S+)/.exec(merge)?.[1] ?? '';
  await recordHistory(town.client, id, 'submission-landed');

  const again = await run('fix/Login', '--wait');
  expect(again).toMatchObject({ code: 0, out: 'rig fix/Login for main: main has it all' });
});

test('G10: red is sent back with evidence and what to do, is told in the mailbox, and lands when repaired', async () => {
  await branch('red', { 'src/red.txt': 'BROKEN\n' });
  const before = await town.repo.revParse('main');
  const ran = await run('red', '--wait');
  expect(ran.code).toBe(exitCode.failed);
  expect(ran.out).toContain('rig red for main: sent back');
  expect(ran.out).toContain('GateRed:');
  expect(ran.out).toMatch(/reproduce: git rebase [0-9a-f]{40} && sh check\.sh/);
  expect(ran.out).toContain('Next: Repair red, commit, then: gt submit red');
  const output = /Its output: (\S+)$/.exec(ran.out)?.[1] ?? '';
  expect(await readFile(output, 'utf8')).toContain('BROKEN');
  expect(await town.repo.revParse('main')).toBe(before);
  const status = await patiently(
    () => gt(['status'], town.folder),
    ({ out }) => out.includes('branch red of rig rig'),
  );
  expect(status.code).toBe(0);

  // The very same commit may be tried again: gates can be flaky.
  expect((await run('red', '--wait')).out).toContain('sent back');
  await town.repo.commitTo('red', { 'src/red.txt': 'fine\n' }, 'repaired');
  expect(await run('red', '--wait')).toMatchObject({ code: 0 });
  expect(await town.repo.show('main', 'src/red.txt')).toBe('fine\n');
  // What it was about has landed, so nobody has to clear the letter.
  await patiently(
    () => gt(['inbox'], town.folder),
    ({ out }) => !out.includes('branch red of rig rig'),
  );
  await recordHistory(town.client, workflowId.submission('rig', 'red'), 'submission-sent-back-before');
});

test('what does not merge is sent back with the files', async () => {
  await branch('late', { 'src/start.txt': 'late\n' });
  await town.repo.commitTo('main', { 'src/start.txt': 'early\n' });
  const ran = await run('late', '--wait');
  expect(ran.code).toBe(exitCode.failed);
  expect(ran.out).toMatch(/MergeConflict: .*src\/start\.txt/);
  expect(ran.out).toContain('Next: Merge or rebase late onto main, then: gt submit late');
});

test('while it waits: shown by the queue, replaced by a newer commit, withdrawn; nothing of it lands', async () => {
  const queue = town.client.workflow.getHandle(workflowId.refinery('rig', 'main'));
  const own = town.client.workflow.getHandle(workflowId.submission('rig', 'waits'));
  const status = (): Promise<OwnBranchStatus> => own.query('submissionStatus');
  await town.client.workflow.start('refinery', {
    ...{ workflowId: queue.workflowId, taskQueue: taskQueue.town, workflowIdConflictPolicy: 'USE_EXISTING' },
    args: [{ rig: 'rig', target: 'main', pace: town.pace }],
  });
  await queue.executeUpdate('pause', { args: [{ reason: 'for a test' }] });
  const first = await branch('waits', { 'src/waits.txt': '1\n' });
  const ran = await run('waits');
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.out).toContain('rig waits for main: in the refinery (merge queue)\n  1 commit;');
  expect(await status()).toMatchObject({ state: 'queued', head: first });
  const shown = await gt(['refinery', 'status'], town.folder);
  expect(shown.out).toContain('waiting submission/rig/waits\n');
  const second = await town.repo.commitTo('waits', { 'src/waits.txt': '2\n' });
  await run('waits');
  await patiently(status, ({ head }) => head === second);
  expect((await refinery()).queue).toHaveLength(1);
  const before = await town.repo.revParse('main');

  expect(await run('waits', '--withdraw')).toMatchObject({ code: 0, out: 'rig waits for main: withdrawn' });
  expect((await refinery()).queue).toEqual([]);
  expect(await own.result()).toMatchObject({ state: 'withdrawn' });
  await queue.executeUpdate('resume', { args: [{}] });
  expect(await run('waits', '--withdraw')).toMatchObject({ code: exitCode.badInput });
  expect(await town.repo.revParse('main')).toBe(before);
  expect((await run()).out).toContain('rig waits for main: withdrawn');

  // And it can be sent again.
  expect(await run('waits', '--wait')).toMatchObject({ code: 0 });
  expect(await town.repo.show('main', 'src/waits.txt')).toBe('2\n');
});

test('G10: gt refinery says why each branch waits, and a person’s priority, hotfix and bar decide what lands', async () => {
  const shown = (...args: string[]): Promise<Ran> => gt(['refinery', ...args], town.folder);
  await town.client.workflow.start('refinery', {
    ...{ workflowId: workflowId.refinery('rig', 'main'), taskQueue: taskQueue.town },
    ...{ workflowIdConflictPolicy: 'USE_EXISTING', args: [{ rig: 'rig', target: 'main', pace: town.pace }] },
  });
  const closed = await shown('pause', 'rig', '--below', '1', '--reason', 'release');
  expect(closed).toMatchObject({ code: 0, out: expect.stringContaining('priority below 1') });
  for (const name of ['low', 'high/One']) {
    await branch(name, { [`src/${name.slice(0, 3)}.txt`]: `${name}\n` });
    await run(name);
  }
  const waiting = await patiently(
    () => shown('queue', 'rig'),
    ({ out }) => out.split('its priority 0 is below 1').length === 3,
  );
  expect(waiting).toMatchObject({ code: 0, err: '' });
  expect(waiting.out).toMatch(/waiting submission\/rig\/low\n.*its priority 0 is below 1, the least/);
  expect((await shown('status')).out).toContain('closed for priorities below 1: release');

  expect(await shown('priority', 'low', '-5')).toMatchObject({ code: 0 });
  const held = town.holds.hold('testGroup');
  expect((await shown('priority', 'high/One', '10')).out).toContain('has priority 10 now');
  await held.arrived;
  const { queue, runs = [] } = await refinery();
  expect(queue.map(({ state, priority }) => [state, priority])).toEqual([
    ['waiting', -5],
    ['testing', 10],
  ]);
  const number = String(runs[0]?.run);
  const open = await shown('show', number);
  expect(open).toMatchObject({
    code: 0,
    out: expect.stringContaining(`Run ${number} of rig main: is under way`),
  });
  expect(open.out).toContain('submission/rig/high-one-');
  held.release();
  expect(await run('high/One', '--wait')).toMatchObject({ code: 0 });
  expect((await refinery()).queue).toHaveLength(1);

  expect(await shown('hotfix', 'low')).toMatchObject({
    code: 0,
    out: expect.stringContaining('lands first'),
  });
  expect(await run('low', '--wait')).toMatchObject({ code: 0 });
  expect(await town.repo.show('main', 'src/low.txt')).toBe('low\n');
  expect((await shown('resume', 'rig')).code).toBe(0);
  const after = await shown('status');
  expect(after.out).toContain('for each that landed:');
  expect(after.out).not.toContain('closed for');
});

test.each([
  [['priority', 'nobody', '5'], exitCode.badInput, 'There is no branch in a merge queue named nobody.'],
  [['priority', 'nobody', '101'], exitCode.badInput, 'from -100 to 100'],
  [['hotfix', 'demo/core/one'], exitCode.badInput, 'There is no branch in a merge queue'],
  [['show', '9999'], exitCode.badInput, 'No merge queue remembers run 9999.'],
  [['queue', 'rigg'], exitCode.badInput, 'Did you mean rig main?'],
])('G10: gt refinery %j is refused in three parts', async (args, code, says) => {
  const ran = await gt(['refinery', ...args], town.folder);
  expect(ran).toMatchObject({ code, out: '', err: expect.stringContaining(says) });
  expect(ran.err).toContain('Next: ');
});

test('G5: a restart of the workers loses neither the submission nor its verdict', async () => {
  const held = town.holds.hold('testGroup');
  await branch('over', { 'src/over.txt': 'over\n' });
  await run('over');
  await held.arrived;
  const restarted = town.restart();
  held.release();
  await restarted;
  const ended = await town.client.workflow.getHandle(workflowId.submission('rig', 'over')).result();
  expect(ended).toMatchObject({ state: 'landed' });
  expect(await town.repo.show('main', 'src/over.txt')).toBe('over\n');
});

test('beside beads: a branch and a convoy land on one tip after the other', async () => {
  await branch('beside', { 'src/beside.txt': 'by hand\n' });
  const [{ handle }, ran] = await Promise.all([
    town.launch('crowd', [{ id: 'one' }, { id: 'two' }]),
    run('beside', '--wait'),
  ]);
  expect(ran.code).toBe(0);
  expect(await handle.result()).toMatchObject({ landed: 2 });
  for (const name of ['beside', 'one', 'two'])
    expect(await town.repo.show('main', `src/${name}.txt`)).toBeDefined();
});

test('from a folder whose main is checked out: the rig is found by the folder, and main follows with its files', async () => {
  await desk.git('switch', '-q', '-c', 'mine');
  const head = await desk.commit({ 'src/größe 1.txt': 'mine\r\n' });
  await desk.git('switch', '-q', 'main');
  const where = ['--config', join(town.folder, 'gastown.yaml')];
  const ran = await gt(['submit', 'mine', '--wait', ...where], desk.path);
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(ran.out).toContain('desk mine for main: landed as');
  await patiently(
    () => desk.git('merge-base', '--is-ancestor', head, 'main').catch(() => 'not yet'),
    (said) => said === '',
  );
  await patiently(
    () => desk.git('status', '--porcelain'),
    (dirt) => dirt === '',
  );
  expect(await desk.git('branch', '--merged', 'main')).toContain('mine');
  await recordHistory(
    town.client,
    workflowId.refinery('desk', 'gastown/main'),
    'refinery-screened-with-a-checkout',
  );
});

test.each([
  [['nowhere'], /has no branch nowhere\.[\s\S]*its branches, newest first:.*main[\s\S]*Next: Name one/],
  [['main'], /main cannot be submitted to itself/],
  [['other', '--target', 'nowhere'], /no branch nowhere to land on/],
  [['../../heads/main'], /has no branch/],
  [['--upload-pack=evil'], /unknown option/],
])('a mistake is told at once and starts nothing: gt submit %j', async (args, says) => {
  await branch('other', { 'src/other.txt': 'other\n' });
  const ran = await run(...args);
  expect(ran.code).toBe(exitCode.badInput);
  expect(ran.out + ran.err).toMatch(says);
});

test('a rig that is not there, and one that is not clear', async () => {
  const ran = await gt(['submit', 'x', '--rig', 'rigg'], town.folder);
  expect(ran).toMatchObject({ code: exitCode.badInput, err: expect.stringContaining('Did you mean rig?') });
  const unclear = await gt(['submit', 'x'], town.folder);
  expect(unclear).toMatchObject({ code: exitCode.badInput, err: expect.stringContaining('--rig') });
});
