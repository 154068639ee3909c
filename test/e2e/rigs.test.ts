import { chown, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { RefineryStatus } from '../../workflows/domain/report/report.ts';
import { repoAt, type TempRepo, tempRepo } from '../support/repo.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
let folder: string;
const repos: TempRepo[] = [];

const files = { 'src/start.txt': 'start\n', '.gitignore': 'build\n' };
const newRepo = async (init: Parameters<typeof tempRepo>[0] = {}): Promise<TempRepo> => {
  const repo = await tempRepo({ files, ...init });
  repos.push(repo);
  return repo;
};

/** Every kind of source that a town cannot work on: how it is made, and what people are told. */
const unfit: Readonly<Record<string, { make: () => Promise<string>; what: RegExp; next: RegExp }>> = {
  missing: {
    make: async () => join(folder, 'nowhere'),
    what: /there is no folder .*nowhere/,
    next: /gastown\.yaml/,
  },
  plain: {
    async make() {
      await mkdir(join(folder, 'plain'));
      return join(folder, 'plain');
    },
    what: /is not a git repository/,
    next: /git init/,
  },
  branchless: {
    make: async () => (await newRepo({ branch: 'trunk' })).path,
    what: /has no branch main/,
    next: /trunk/,
  },
  unborn: { make: async () => (await newRepo({ files: {} })).path, what: /is unborn/, next: /first commit/ },
  shallow: {
    async make() {
      const repo = await newRepo();
      await repo.commit({ 'src/second.txt': 'second\n' });
      const path = join(folder, 'shallow');
      await repo.git('clone', '-q', '--depth=1', `file://${repo.path}`, path);
      return path;
    },
    what: /shallow/,
    next: /fetch --unshallow/,
  },
  submodules: {
    async make() {
      const repo = await newRepo();
      const head = await repo.revParse('HEAD');
      await repo.git('update-index', '--add', '--cacheinfo', `160000,${head},lib/sub`);
      await repo.git('commit', '-q', '-m', 'a submodule');
      return repo.path;
    },
    what: /submodule/,
    next: /./,
  },
  lfs: {
    async make() {
      const repo = await newRepo();
      await repo.commit({ '.gitattributes': '*.png filter=lfs diff=lfs merge=lfs -text\n' });
      return repo.path;
    },
    what: /LFS/,
    next: /./,
  },
  subfolder: {
    make: async () => join((await newRepo()).path, 'src'),
    what: /not its root/,
    next: /`path: .*repo`/,
  },
  worktree: {
    async make() {
      const repo = await newRepo();
      const path = join(folder, 'linked');
      await repo.git('worktree', 'add', '-q', '-b', 'side', path);
      return path;
    },
    what: /linked worktree/,
    next: /`path: .*repo`/,
  },
  ...(process.getuid?.() === 0
    ? {
        foreign: {
          async make() {
            const repo = await newRepo();
            // Only root can give a repository away.
            await chown(repo.path, 12_345, 12_345);
            await chown(join(repo.path, '.git'), 12_345, 12_345);
            return repo.path;
          },
          what: /belongs to another user/,
          next: /git config --global --add safe\.directory/,
        },
      }
    : {}),
};

let checkedOut: TempRepo;
let kept: TempRepo;
let branched: TempRepo;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'gt-rigs-')));
  const paths: [string, object][] = [];
  for (const [name, { make }] of Object.entries(unfit)) paths.push([name, { path: await make() }]);
  checkedOut = await newRepo();
  kept = await newRepo();
  branched = await newRepo({ bare: true });
  paths.push(
    ['desk', { path: checkedOut.path }],
    ['kept', { path: kept.path, land: 'local' }],
    ['branched', { url: `file://${branched.path}`, land: 'branch:green' }],
  );
  const gates = [{ name: 'check', run: '! grep -rn BROKEN src', timeout: '20s' }];
  town = await openTestTown({
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
    config: (config) => ({
      ...config,
      rigs: {
        ...(config['rigs'] as object),
        ...Object.fromEntries(paths.map(([name, rig]) => [name, { ...rig, gates }])),
      },
    }),
  });
});

afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  for (const repo of repos) await repo[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test.concurrent.each(Object.entries(unfit))(
  'G10: a convoy for a rig that is %s fails as RigUnusable, says which case, and starts nothing',
  async (rig, { what, next }) => {
    const { handle } = await town.launch(`on-${rig}`, [{ id: 'never' }], { rig });
    await expect(handle.result()).rejects.toThrow();
    const { state, failure, epics } = await town.convoyStatus(`on-${rig}`);
    expect(state).toBe('failed');
    expect(failure).toMatchObject({
      type: 'RigUnusable',
      what: expect.stringMatching(what),
      next: expect.stringMatching(next),
    });
    expect(failure?.what).toContain(`Rig ${rig}: `);
    expect(failure?.evidence).not.toBe('');
    expect(epics.map(({ beads }) => beads)).toEqual([[]]);

    const epic = town.client.workflow.getHandle(workflowId.epic(`on-${rig}`, `on-${rig}`));
    await expect(epic.describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
    expect(JSON.stringify(town.host.requests)).not.toContain('TASK-OF-never.');
    const worktrees = await readdir(join(town.config.home, 'rigs', rig, 'worktrees')).catch(() => []);
    expect(worktrees).toEqual([]);
  },
);

test.concurrent('G10: a convoy over several rigs, one of them unfit, starts in none of them', async () => {
  const epics = [
    { id: 'fit', rig: 'kept', beads: [{ id: 'a', title: 'a', task: 'TASK-OF-a.' }] },
    { id: 'unfit', rig: 'plain', beads: [{ id: 'b', title: 'b', task: 'TASK-OF-b.' }] },
  ];
  const { handle } = await town.launch('mixed', [], { rig: undefined, beads: undefined, epics });
  await expect(handle.result()).rejects.toMatchObject({
    cause: { message: expect.stringContaining('is not a git repository') as string },
  });
  const epic = town.client.workflow.getHandle(workflowId.epic('mixed', 'fit'));
  await expect(epic.describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
});

describe('a rig by path whose branch somebody has checked out', () => {
  const refinery = (): Promise<RefineryStatus> =>
    town.client.workflow.getHandle(workflowId.refinery('desk', 'gastown/main')).query('refineryStatus');
  const launch = (convoy: string, bead: string) => town.launch(convoy, [{ id: bead }], { rig: 'desk' });

  /** Waits until the folder has all that landed, and is clean. */
  const followed = async (): Promise<void> => {
    await patiently(refinery, ({ upstream }) => upstream !== undefined && upstream.behind === undefined);
    await patiently(
      async () => [await checkedOut.revParse('main'), await checkedOut.revParse('gastown/main')],
      ([main, ours]) => main === ours,
    );
    expect(await checkedOut.git('status', '--porcelain')).toBe('');
  };

  test('G2: lands on gastown/main beside it, and brings the clean folder along', async () => {
    const { handle } = await launch('beside', 'one');
    expect(await handle.result()).toMatchObject({ landed: 1 });
    expect((await town.convoyStatus('beside')).rigs).toMatchObject([{ target: 'gastown/main' }]);
    await followed();
    expect(await readFile(join(checkedOut.path, 'src/one.txt'), 'utf8')).toBe('one\n');
  });

  test('the commits of the person are merged in, gated, and stay what they are', async () => {
    const own = await checkedOut.commit({ 'src/own.txt': 'by hand\n' }, 'by hand');
    const { handle } = await launch('after', 'two');
    expect(await handle.result()).toMatchObject({ landed: 1 });
    await followed();
    await checkedOut.git('merge-base', '--is-ancestor', own, 'main');
    expect(await checkedOut.show('main', 'src/two.txt')).toBe('two\n');
  });

  test('G10: dirt holds no landing; the folder stays as it is, the status has the command, and later it follows', async () => {
    const before = await checkedOut.revParse('main');
    await writeFile(join(checkedOut.path, 'src/own.txt'), 'not done yet\n');
    const { handle } = await launch('dirty', 'five');
    expect(await handle.result()).toMatchObject({ landed: 1 });
    const { upstream } = await patiently(refinery, (status) => status.upstream?.behind !== undefined);
    expect(upstream?.behind).toMatchObject({ evidence: expect.stringContaining('src/own.txt') });
    expect(await checkedOut.revParse('main')).toBe(before);
    expect(await readFile(join(checkedOut.path, 'src/own.txt'), 'utf8')).toBe('not done yet\n');

    // A folder may stay like this for days: what waits continues as new, and knows it still.
    const queue = town.client.workflow.getHandle(workflowId.refinery('desk', 'gastown/main'));
    const { runId } = await queue.describe();
    await patiently(
      () => queue.describe(),
      (now) => now.runId !== runId,
    );
    await patiently(refinery, (status) => status.upstream?.behind !== undefined);

    // Put away, as the person would: nothing lands meanwhile, and it follows all the same.
    await checkedOut.git('stash', '-q');
    await followed();
    await checkedOut.git('stash', 'drop', '-q');

    await writeFile(join(checkedOut.path, 'src/own.txt'), 'dirty again\n');
    const again = await launch('dirty-too', 'six');
    expect(await again.handle.result()).toMatchObject({ landed: 1 });
    const { upstream: there } = await patiently(refinery, (status) => status.upstream?.behind !== undefined);
    await checkedOut.git('checkout', '-q', '--', 'src/own.txt');
    // The town may be bringing the clean folder along at this very moment: git then says so, and the person tries again.
    await patiently(
      () => execa('sh', ['-c', there?.behind?.next ?? 'false'], { reject: false }),
      ({ exitCode }) => exitCode === 0,
    );
    await followed();
  });

  test('what does not merge stops the queue with the command, and the merge of the person lets it go on', async () => {
    // Another text for a file that the town has landed and the person does not have yet.
    await writeFile(join(checkedOut.path, 'src/own.txt'), 'at work\n');
    const first = await launch('ahead', 'seven');
    expect(await first.handle.result()).toMatchObject({ landed: 1 });
    const own = await checkedOut.commit({ 'src/seven.txt': 'by hand\n' }, 'another seven');
    const { handle } = await launch('clash', 'three');
    const { stopped, queue } = await patiently(refinery, (status) => status.stopped !== undefined);
    expect(stopped).toMatchObject({
      type: 'MergeConflict',
      evidence: expect.stringContaining('src/seven.txt'),
    });
    expect(stopped?.next).not.toBe('');
    expect(queue).toMatchObject([{ bead: 'clash/clash/three' }]);
    expect(await checkedOut.revParse('main')).toBe(own);

    await checkedOut.git('merge', '-q', '-X', 'ours', '-m', 'takes both', 'gastown/main');
    expect(await handle.result()).toMatchObject({ landed: 1 });
    expect(await checkedOut.show('gastown/main', 'src/seven.txt')).toBe('by hand\n');
    expect((await refinery()).stopped).toBeUndefined();
    await followed();
  });

  test('a red commit of the person stops the queue, and its repair lets it go on', async () => {
    await checkedOut.commit({ 'src/own.txt': 'BROKEN\n' }, 'breaks it');
    const { handle } = await launch('broken', 'four');
    const { stopped } = await patiently(refinery, (status) => status.stopped !== undefined);
    expect(stopped).toMatchObject({ type: 'BaseRed', what: expect.stringContaining('main moved to') });
    expect(await checkedOut.show('gastown/main', 'src/own.txt')).toBe('at work\n');
    await checkedOut.commit({ 'src/own.txt': 'mended\n' }, 'repairs it');
    expect(await handle.result()).toMatchObject({ landed: 1 });
    expect(await checkedOut.show('gastown/main', 'src/own.txt')).toBe('mended\n');
  });
});

test.concurrent('land: local keeps what passed in the town’s own copy, with the command that fetches it', async () => {
  const before = await kept.git('for-each-ref');
  const { handle } = await town.launch('at-home', [{ id: 'first' }, { id: 'next', needs: ['first'] }], {
    rig: 'kept',
  });
  expect(await handle.result()).toMatchObject({ landed: 2 });
  expect(await kept.git('for-each-ref')).toBe(before);
  const copy = repoAt(join(town.config.home, 'rigs', 'kept', 'repo.git'));
  expect(await copy.show('main', 'src/next.txt')).toBe('next\n');

  const [rig] = (await town.convoyStatus('at-home')).rigs;
  expect(rig?.target).toBe('main');
  await execa('sh', ['-c', rig?.takeOver ?? 'false']);
  expect(await kept.show('main', 'src/next.txt')).toBe('next\n');
});

test.concurrent('land: branch:NAME lands on that branch and leaves the person’s alone, also when that moves', async () => {
  const before = await branched.revParse('main');
  const first = await town.launch('green-one', [{ id: 'one' }], { rig: 'branched' });
  expect(await first.handle.result()).toMatchObject({ landed: 1 });
  expect(await branched.revParse('main')).toBe(before);
  expect(await branched.show('green', 'src/one.txt')).toBe('one\n');
  expect((await town.convoyStatus('green-one')).rigs).toMatchObject([{ rig: 'branched', target: 'green' }]);

  const pushed = await branched.commitTo('main', { 'src/pushed.txt': 'pushed\n' }, 'somebody pushes');
  const second = await town.launch('green-two', [{ id: 'two' }], { rig: 'branched' });
  expect(await second.handle.result()).toMatchObject({ landed: 1 });
  expect(await branched.revParse('main')).toBe(pushed);
  await branched.git('merge-base', '--is-ancestor', pushed, 'green');
});
