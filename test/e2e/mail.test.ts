import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import type { Letter } from '../../workflows/domain/mail/mailbox.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { Problem } from '../../workflows/domain/report/problems.ts';
import { takeNotes } from '../../workflows/messages.ts';
import { gt, type Ran } from '../client/gtProcess.ts';
import { openGtTown } from '../client/gtTown.ts';
import { filesReply, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
const waiting = new Map<string, PromiseWithResolvers<void>>();

beforeAll(async () => {
  town = await openGtTown({
    reply: async (bead) => {
      await waiting.get(bead)?.promise;
      return filesReply({ [`src/${bead}.txt`]: bead.startsWith('bad') ? 'BROKEN\n' : `${bead}\n` });
    },
    config: (config) => ({ ...config, limits: { bead: { attempts: 1 } } }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<Ran> => gt(args, town.folder);
const data = async <T>(...args: string[]): Promise<T> =>
  (JSON.parse((await run(...args, '--json')).out) as { data: T }).data;

test('gt problems and gt escalations say in one line that nothing needs anybody', async () => {
  expect(await run('problems')).toMatchObject({ code: 0, out: 'Nothing needs you.' });
  expect(await run('escalations')).toMatchObject({ code: 0, out: 'Nothing presses.' });
  expect(await data('problems')).toEqual([]);
});

test('letters are sent to each, listed for each, acknowledged and cleared; a wrong one says what is wrong', async () => {
  expect(
    await run('send', 'overseer', 'The key expires.', '--severity', 'critical', '--from', 'ci'),
  ).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Letter \d+ is in the inbox/),
  });
  expect((await run('send', 'mayor', 'No new dependencies.')).out).toMatch(/reads it with the next plan/);
  expect((await run('send', 'crew/rig', 'Slot 2 is broken.')).out).toContain('gt inbox --crew rig');

  expect((await run('inbox')).out).toMatch(
    /^\d+ {2}from ci {2}critical {2}.* ago\n {2}Message: The key expires\./,
  );
  expect((await run('inbox', '--crew', 'rig')).out).toContain('Slot 2 is broken.');
  expect(await data<Letter[]>('inbox', '--everybody')).toHaveLength(3);
  expect((await run('status')).out).toContain('Mail for you (1 letter)');
  expect((await run('escalations')).out).toMatch(
    /^\d+ {2}critical {2}from ci[\s\S]*1 letter, 1 not acknowledged/,
  );
  expect(await data<Problem[]>('problems')).toMatchObject([{ kind: 'escalated', severity: 'critical' }]);

  const [letter] = await data<Letter[]>('inbox');
  expect((await run('escalations', 'ack', String(letter?.id))).out).toMatch(/^Acknowledged 1 letter:/);
  expect((await run('escalations')).out).toContain('acknowledged');
  expect((await run('problems')).out).toBe('Nothing needs you.');
  expect((await run('inbox', 'clear', '--all')).out).toMatch(/^Cleared 1 letter:/);
  expect(await data<Letter[]>('inbox', '--everybody')).toHaveLength(2);
  await town.client.workflow
    .getHandle(workflowId.town)
    .executeUpdate(takeNotes, { args: [{ by: 'a-plan', rig: 'rig' }] });
  expect(await data<Letter[]>('inbox', '--everybody')).toMatchObject([{ to: 'crew/rig' }]);

  for (const [args, says] of [
    [['send', 'overser', 'x'], 'Did you mean overseer?'],
    [['send', 'crew/rag', 'x'], 'Did you mean crew/rig?'],
    [['send', 'overseer', '  '], 'the text is empty'],
    [['send', 'overseer', 'x'.repeat(4_001)], 'at most 4000'],
    [['send', 'mayor', 'x', '--severity', 'warning'], 'are for letters to the overseer'],
    [['send', 'overseer', 'x', '--severity', 'loud'], 'Allowed choices'],
    [['nudge', 'mayor', 'x'], 'gt send mayor "TEXT"'],
    [['nudge', 'nope/nope/nope', 'x'], 'There is no convoy named nope'],
    [['escalations', 'ack'], 'Name letters, or say --all'],
    [['escalations', 'ack', '99'], 'There is no letter 99'],
    [['inbox', '--crew', 'rag'], 'There is no rig named rag. Did you mean rig?'],
    [['stop', '--rig', 'rag'], 'Did you mean rig?'],
    [['stop', '--rig', 'rig', '--all'], 'takes one of a target, --all and --rig RIG'],
    [['bead', 'log', 'a/b/c', '--format', 'pdf'], 'Allowed choices'],
    [['bead', 'log', 'a/b/c', '--out', 'x'], 'An export needs --format'],
  ] as const) {
    const ran = await run(...args);
    expect([ran.code, args.slice(0, 3)]).toEqual([exitCode.badInput, args.slice(0, 3)]);
    expect(ran.err.replaceAll(/\s+/g, ' ')).toContain(says);
  }
});

test('a bead at work is nudged, stopped with its rig and goes on; its words are seen live, and its conversation is exported', async () => {
  const gate = Promise.withResolvers<void>();
  waiting.set('slow', gate);
  const { handle } = await town.launch('work', [{ id: 'slow' }, { id: 'bad-one' }]);
  await town.called('slow');
  await patiently(
    async () => await data<Problem[]>('problems'),
    (all) => all.some(({ about }) => about.includes('work/work/bad-one')),
  );
  const page = (await run('problems')).out;
  expect(page).toMatch(
    /^warning {3}stuck: {2}work\/work\/bad-one {2}for .*\n {2}1 try failed[\s\S]*BROKEN[\s\S]*Next: gt /,
  );
  expect((await run('nudge', 'work/work/bad-one', 'x')).code).toBe(exitCode.refused);
  expect((await run('nudge', 'work/work/slow', 'LOOK-AT-IT')).out).toContain('is told in the next turn');

  const stopped = await run('stop', '--rig', 'rig', '--reason', 'a leak');
  expect(stopped.out).toContain('Asked work to stop what works on rig.');
  expect(stopped.out).toContain('gt resume --rig rig');
  gate.resolve();
  await patiently(
    async () => (await town.epicStatus('work')).beads.find(({ bead }) => bead === 'slow')?.state,
    (state) => state === 'parked',
  );
  expect((await run('problems')).out).toContain('a leak');
  const following = run('bead', 'log', 'work/work/slow', '-f');
  waiting.delete('slow');
  expect((await run('resume', '--rig', 'rig')).out).toContain('work: going on on rig');
  expect(await handle.result()).toMatchObject({ landed: 1, blocked: 1 });
  const followed = await following;
  expect(followed.code).toBe(0);
  expect(followed.out).toMatch(/^ {2}\| == \S+ \S+ turn 1, model on host$/m);
  expect(followed.out).toMatch(/^ {2}\| src\/slow\.txt$/m);

  const file = join(town.folder, 'slow.md');
  expect((await run('bead', 'log', 'work/work/slow', '--format', 'md', '-o', file)).out).toContain('Wrote');
  expect(await readFile(file, 'utf8')).toMatch(/^# Bead work\/work\/slow\n[\s\S]*### Gates: green/);
  expect((await run('bead', 'log', 'work/work/slow', '--format', 'md', '-o', file)).code).toBe(
    exitCode.badInput,
  );
  const lines = (await run('bead', 'log', 'work/work/slow', '--format', 'jsonl')).out.split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind).slice(0, 2)).toEqual([
    'bead',
    'call',
  ]);
});

test('gt stop --all --now breaks off every call and keeps the work; gt resume --all goes on with all of it, also on a stopped rig', async () => {
  const gates = ['left', 'right'].map((name) => {
    const gate = Promise.withResolvers<void>();
    waiting.set(name, gate);
    return gate;
  });
  const convoys = await Promise.all(['left', 'right'].map((name) => town.launch(name, [{ id: name }])));
  await Promise.all(['left', 'right'].map((name) => town.called(name)));
  const stopped = await data<{ stopped: string[] }>('stop', '--all', '--now', '--reason', 'fire');
  expect(stopped.stopped.toSorted()).toEqual(['left', 'right']);
  for (const name of ['left', 'right']) {
    const { spent } = await patiently(
      async () => await town.beadStatus(name, name),
      ({ state }) => state === 'parked',
    );
    // G7: a call that was broken off is charged.
    expect(spent.usage.calls).toBe(1);
  }
  expect((await run('stop', '--rig', 'rig')).out).toContain('finishes its step and lands no more');
  for (const gate of gates) gate.resolve();
  const resumed = await data<{ resumed: { target: string }[] }>('resume', '--all');
  expect(resumed.resumed.map(({ target }) => target).toSorted()).toEqual([
    'left',
    'merge queue of rig main',
    'right',
  ]);
  for (const { handle } of convoys) expect(await handle.result()).toMatchObject({ landed: 1 });
});

test('signals and updates by the plain temporal command line do the same', async () => {
  const handle = town.client.workflow.getHandle('town');
  const sent = { id: 'by-hand-1', to: 'crew/rig', from: 'me', text: 'hello' };
  await handle.executeUpdate('sendMessage', { args: [sent] });
  await handle.executeUpdate('sendMessage', { args: [sent] });
  const letters = await data<Letter[]>('inbox', '--crew', 'rig');
  expect(letters.filter(({ key }) => key === 'by-hand-1')).toHaveLength(1);
});
