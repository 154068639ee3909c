import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { convoyInput } from '../../client/convoyInput.ts';
import { parsePlan } from '../../deploy/plan/index.ts';
import type { ConvoyResult } from '../../workflows/domain/convoy.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { BeadStatus, ConvoyStatus, EpicStatus } from '../../workflows/domain/report/report.ts';
import { gt } from '../client/gtProcess.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
/** Calls of these beads wait until the test lets them go. */
const held = createHeldCalls();
const { hold } = held;

beforeAll(async () => {
  town = await openTestTown({
    reply: async (bead) => {
      await held.answer(bead);
      if (bead === 'stubborn') return filesReply({ 'src/stubborn.txt': mended ? 'fine\n' : 'BROKEN\n' });
      return filesReply({ [`src/${bead}.txt`]: `${bead}\n` });
    },
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

let mended = false;

/** The command line that everybody has who has Temporal; nothing of the town's own is in between. */
const temporal = async (command: string, ...args: string[]): Promise<unknown> => {
  const { stdout } = await execa(
    inject('temporalCli'),
    [
      ...command.split(' '),
      ...args,
      ...['--address', inject('temporalAddress'), '--namespace', town.client.options.namespace],
      ...['--output', 'json', '--time-format', 'iso', '--color', 'never'],
    ],
    { extendEnv: false, env: { PATH: process.env['PATH'], HOME: town.folder }, timeout: 30_000 },
  );
  return stdout === '' ? undefined : JSON.parse(stdout);
};

const query = async <T>(id: string, type: string): Promise<T> => {
  const answer = await temporal('workflow query', '--workflow-id', id, '--type', type);
  return (answer as { queryResult: T[] }).queryResult[0] as T;
};
const signal = (id: string, name: string, input: object) =>
  temporal('workflow signal', '--workflow-id', id, '--name', name, '--input', JSON.stringify(input));
const update = async (id: string, name: string, input: unknown): Promise<unknown> => {
  const args = ['--workflow-id', id, '--name', name, '--input', JSON.stringify(input)];
  return ((await temporal('workflow update execute', ...args)) as { result: unknown }).result;
};

const start = async (convoy: string, beads: readonly { id: string; needs?: string[] }[]): Promise<string> => {
  const text = stringify({
    convoy,
    beads: beads.map((bead) => ({ ...bead, title: '🏚'.repeat(60), task: `TASK-OF-${bead.id}.` })),
  });
  const plan = parsePlan(text, join(town.folder, `${convoy}.yaml`), town.config);
  const input = await convoyInput({ config: town.config, plan, pace: town.pace }, true);
  const file = join(town.folder, `${convoy}.json`);
  await writeFile(file, JSON.stringify(input));
  await startFrom(convoy, file);
  return convoy;
};
const startFrom = (convoy: string, file: string) =>
  temporal(
    'workflow start',
    ...['--type', 'convoy', '--task-queue', 'town', '--workflow-id', workflowId.convoy(convoy)],
    ...['--input-file', file],
  );
const result = async (convoy: string): Promise<ConvoyResult> => {
  const answer = await temporal('workflow result', '--workflow-id', workflowId.convoy(convoy));
  return (answer as { result: ConvoyResult }).result;
};
const beadId = (convoy: string, bead: string) => workflowId.bead({ convoy, epic: convoy, bead });

const called = (bead: string) => town.called(bead);

test.concurrent('a plan becomes a running convoy with `gt convoy launch --print-input` and `temporal workflow start`', async () => {
  const plan = stringify({
    convoy: 'printed',
    beads: [{ id: 'alone', title: 'Alone', task: 'TASK-OF-alone.' }],
  });
  await writeFile(join(town.folder, 'printed.yaml'), plan);
  const printed = await gt(['convoy', 'launch', 'printed.yaml', '--print-input'], town.folder);
  expect(printed).toMatchObject({ code: 0, err: '' });
  const file = join(town.folder, 'printed.json');
  await writeFile(file, printed.out);
  await startFrom('printed', file);
  expect(await result('printed')).toMatchObject({ landed: 1, blocked: 0 });
  expect(await town.repo.show('main', 'src/alone.txt')).toBe('alone\n');
});

test.concurrent('start, query, signal, update, show: the plain temporal command line drives a convoy to its end', async () => {
  const go = hold('slow');
  const convoy = await start('driven', [
    { id: 'slow' },
    { id: 'stubborn' },
    { id: 'after', needs: ['slow', 'stubborn'] },
  ]);
  const epic = workflowId.epic(convoy, convoy);
  await called('slow');

  // Queries.
  const status = await query<ConvoyStatus>(workflowId.convoy(convoy), 'convoyStatus');
  expect(status).toMatchObject({ convoy, state: 'running', rigs: [{ rig: 'rig', target: 'main' }] });
  expect((await query<EpicStatus>(epic, 'epicStatus')).beads.map(({ bead }) => bead)).toEqual([
    'slow',
    'stubborn',
    'after',
  ]);
  expect(await query<BeadStatus>(beadId(convoy, 'slow'), 'beadStatus')).toMatchObject({
    state: 'inferring',
    attempt: 1,
  });

  // Updates with a yes and with a no.
  expect(await update(epic, 'setMaxParallel', 2)).toBe(2);
  await expect(update(epic, 'setMaxParallel', 0)).rejects.toThrow('a whole number from 1 to 1000');
  await expect(update(beadId(convoy, 'slow'), 'resume', {})).rejects.toThrow('not parked');

  // Signals: stop one bead now, wait until it is parked, hand it over, resume it.
  await signal(beadId(convoy, 'slow'), 'shutdown', { reason: 'lunch', mode: 'now' });
  await patiently(
    () => query<BeadStatus>(beadId(convoy, 'slow'), 'beadStatus'),
    ({ state }) => state === 'parked',
  );
  // Longer than what Temporal takes as a summary.
  await signal(beadId(convoy, 'slow'), 'handoff', { reason: 'fresh eyes, '.repeat(100) });
  expect(await update(beadId(convoy, 'slow'), 'resume', { raise: { turns: 1 } })).toContain('at work');

  // A blocked bead is tried again while the epic is open, and what waits behind it goes on.
  const board = await patiently(
    () => query<EpicStatus>(epic, 'epicStatus'),
    ({ beads }) => beads[1]?.state === 'blocked',
  );
  expect(board.beads[1]?.failure).toMatchObject({ type: 'Stalled' });
  expect(board.beads[2]?.state).toBe('held');
  mended = true;
  expect(await update(epic, 'retryBead', { bead: 'stubborn' })).toContain('starts again');
  go();
  expect(await result(convoy)).toMatchObject({ landed: 3, blocked: 0, held: 0 });
  const slow = await query<BeadStatus>(beadId(convoy, 'slow'), 'beadStatus');
  expect(slow).toMatchObject({ state: 'landed', conversation: 2 });
  expect(slow.caps.turns).toBe(town.config.limits.caps.turns + 1);
});

test.concurrent('pause and resume of a whole convoy', async () => {
  const go = hold('early');
  const convoy = await start('paused', [{ id: 'early' }, { id: 'later', needs: ['early'] }]);
  await called('early');
  const id = workflowId.convoy(convoy);
  expect(await update(id, 'pause', { reason: 'inspection' })).toContain('nothing new starts');
  expect(await query<ConvoyStatus>(id, 'convoyStatus')).toMatchObject({ state: 'paused' });
  go();
  await patiently(
    () => query<EpicStatus>(workflowId.epic(convoy, convoy), 'epicStatus'),
    ({ beads }) => beads[0]?.state === 'landed' && beads[1]?.state === 'pending',
  );
  expect(await update(id, 'resume', {})).toContain('going on');
  expect(await result(convoy)).toMatchObject({ landed: 2 });
});

test('a history that `temporal workflow show` exports replays on the present code', async () => {
  for (const id of [
    workflowId.convoy('driven'),
    workflowId.epic('driven', 'driven'),
    beadId('driven', 'slow'),
    beadId('driven', 'stubborn'),
  ]) {
    const shown = await temporal('workflow show', '--workflow-id', id);
    await Worker.runReplayHistory(
      { workflowBundle: { codePath: inject('bundlePath') }, replayName: id },
      historyFromJSON(shown),
      id,
    );
  }
});
