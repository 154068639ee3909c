import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { type TempRepo, tempRepo } from '../support/repo.ts';
import { eventually, filesReply, type TestTown } from '../support/town.ts';
import { gt, type Ran } from './gtProcess.ts';
import { openGtTown } from './gtTown.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
let kept: TempRepo;
let scratch: string;
/** Calls of these beads wait until the test lets them go. */
const held = createHeldCalls();
const { hold } = held;

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'gt-watching-')));
  kept = await tempRepo({ files: { 'src/start.txt': 'start\n' } });
  town = await openGtTown({
    reply: async (bead) => {
      await held.answer(bead);
      return filesReply({ [`src/${bead}.txt`]: bead === 'stubborn' ? 'BROKEN\n' : `${bead}\u001b[2J\n` });
    },
    config: (config) => {
      const gates = [{ name: 'check', run: '! grep -rn BROKEN src', timeout: '20s' }];
      const rigs = { ...(config['rigs'] as object), kept: { path: kept.path, land: 'local', gates } };
      return { ...config, rigs };
    },
  });
});
afterAll(async () => {
  held.releaseAll();
  await town?.[Symbol.asyncDispose]();
  await kept?.[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<Ran> => gt(args, town.folder);

const called = (bead: string) => town.called(bead);

test('G10: what landed beside a person’s branch is told after the convoy’s end, until they have taken it over', async () => {
  const { handle } = await town.launch('night', [{ id: 'lamp' }], { rig: 'kept' });
  await handle.result();

  const told = /To take over what landed:\n {2}kept: (git -C .* pull --ff-only .*)/;
  const [watched, board, status] = [
    await run('convoy', 'watch', 'night'),
    await run('convoy', 'status', 'night'),
    await run('status'),
  ];
  for (const { out } of [watched, board, status]) expect(out).toMatch(told);
  expect(JSON.parse((await run('status', '--json')).out).data.takeOvers).toMatchObject([{ rig: 'kept' }]);

  const [, command = ''] = told.exec(status.out) ?? [];
  await execa('sh', ['-c', command]);
  expect(await kept.show('main', 'src/lamp.txt')).toContain('lamp');
  for (const args of [['convoy', 'status', 'night'], ['convoy', 'watch', 'night'], ['status']])
    expect((await run(...args)).out).not.toContain('To take over');
});

test('who works on what, what they changed, and a bead at this moment, while it is at work', async () => {
  const go = hold('slow');
  const { handle } = await town.launch('busy', [{ id: 'slow' }, { id: 'later', needs: ['slow'] }]);
  await called('slow');

  const polecats = await eventually(
    () => run('polecats'),
    ({ out }) => out.includes('inferring'),
  );
  expect(polecats.out).toMatch(
    /polecat +bead +state[\s\S]*> \w+ +busy\/busy\/slow +inferring +model +.*Do slow/,
  );
  expect(JSON.parse((await run('polecats', 'busy', '--json')).out)).toMatchObject({
    data: [{ bead: 'busy/busy/slow', state: 'inferring', rig: 'rig' }],
    meta: { count: 1 },
  });

  const worktree = join(town.config.home, 'rigs/rig/worktrees/busy/busy/slow');
  await writeFile(join(worktree, 'left.log'), '');
  const early = await run('capture', 'busy/busy/slow');
  expect(early).toMatchObject({ code: exitCode.ok, err: '' });
  expect(early.out).toMatch(
    /state +inferring[\s\S]*0 calls of a model, so far[\s\S]*Worktree: \/.*busy\/slow\n[\s\S]*Not committed: 1 file\n {2}\?\? left\.log/,
  );
  expect((await run('bead', 'diff', 'busy/busy/later')).out).toContain('No change of busy/busy/later');

  const following = run('bead', 'log', 'busy/busy/slow', '-f');
  go();
  const followed = await following;
  expect(followed).toMatchObject({ code: exitCode.ok, err: '' });
  expect(followed.out).toMatch(/turn 1 [\s\S]*✓ landed$/);
  await handle.result();
  expect((await run('polecats')).out).toBe('No polecat (worker agent) is at work.');

  const diff = await run('bead', 'diff', 'busy/busy/slow');
  expect(diff.out).toMatch(/^Landed as \w{10} in rig rig \(repository\): 1 file, 1 line added, 0 removed\n/);
  expect(diff.out).toMatch(/ {2}\+1 +-0 +src\/slow\.txt[\s\S]*\ndiff --git [\s\S]*\n\+slow/);
  const { data } = JSON.parse((await run('bead', 'diff', 'busy/busy/slow', '--stat', '--json')).out);
  expect(data).toMatchObject({ state: 'landed', files: [{ path: 'src/slow.txt', added: 1, removed: 0 }] });
});

test('a blocked bead shows the work on its branch; captured into a folder are prompts, replies and a patch that applies', async () => {
  const { handle } = await town.launch('stuck', [{ id: 'stubborn' }]);
  await handle.result();
  const followed = await run('bead', 'log', 'stuck/stuck/stubborn', '--follow', '--json');
  expect(followed.code).toBe(exitCode.failed);
  const lines = followed.out.split('\n').map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ data: { turn: 1 } });
  expect(lines.at(-1)).toMatchObject({ data: { state: 'blocked' } });

  expect((await run('bead', 'diff', 'stuck/stuck/stubborn')).out).toMatch(/^Put aside as [\s\S]*\+BROKEN/);

  const folder = join(scratch, 'stubborn');
  const wrote = await run('capture', 'stuck/stuck/stubborn', '--out', folder);
  expect(wrote).toMatchObject({ code: exitCode.ok, out: expect.stringContaining(folder) });
  const files = await readdir(folder);
  expect(files).toEqual(expect.arrayContaining(['bead.json', 'call-001-turn-1-prompt.json', 'change.patch']));
  expect(await readFile(join(folder, 'call-001-turn-1-reply.txt'), 'utf8')).toContain('BROKEN');
  const clone = join(scratch, 'clone');
  await execa('git', ['clone', '-q', town.repo.path, clone]);
  await execa('git', ['-C', clone, 'apply', '--check', join(folder, 'change.patch')]);

  expect(await run('capture', 'stuck/stuck/stubborn', '-o', folder)).toMatchObject({
    code: exitCode.badInput,
    err: expect.stringContaining('could not be made'),
  });
});

test('G9: no terminal escape of a reply comes out of a diff, a log or a capture', async () => {
  const { handle } = await town.launch('hostile', [{ id: 'escape' }]);
  await handle.result();
  const name = 'hostile/hostile/escape';
  for (const args of [
    ['bead', 'diff', name],
    ['bead', 'log', name, '--full'],
    ['capture', name],
  ]) {
    const { out } = await run(...args);
    expect(out).toContain('escape');
    expect(out).not.toContain('\u001b');
  }
});

test.each([
  [['bead', 'log', 'nope/nope/nope', '-f']],
  [['capture', 'nope/nope/nope']],
  [['polecats', 'nope']],
  [['capture', 'nope']],
])('gt %j names what is not there, and ends', async (args) => {
  const ran = await run(...args);
  expect(ran.code).toBe(exitCode.badInput);
  expect(ran.err).toContain('Next: ');
});
