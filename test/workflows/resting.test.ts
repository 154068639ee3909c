import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { SubmissionId } from '../../workflows/domain/queue/submission.ts';
import type { HostStatus, RefineryStatus } from '../../workflows/domain/report/report.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

let town: TestTown;

beforeAll(async () => {
  town = await openTestTown({ reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }) });
});
afterAll(() => town?.[Symbol.asyncDispose]());

const queue = () => town.client.workflow.getHandle(workflowId.refinery('rig', 'main'));
const status = (): Promise<RefineryStatus> => queue().query('refineryStatus');

const runs = async (): Promise<number> => {
  let count = 0;
  const query = `WorkflowId="${workflowId.refinery('rig', 'main')}"`;
  for await (const _ of town.client.workflow.list({ query })) count++;
  return count;
};

const verdicts = async (bead: string): Promise<string[]> => {
  const repository = join(town.config.home, 'rigs', 'rig', 'repo.git');
  const refs = await execa('git', ['for-each-ref', '--format=%(refname)', `refs/gt/verdict/${bead}`], {
    cwd: repository,
  });
  return refs.stdout.split('\n').filter(Boolean);
};

test('a paused Refinery begins a fresh history, keeps what waits and every verdict, and goes on when it is resumed', async () => {
  const first = await town.launch('first', [{ id: 'first' }]);
  expect(await first.handle.result()).toMatchObject({ landed: 1 });
  await queue().executeUpdate('pause', { args: [{ reason: 'lunch' }] });
  const second = await town.launch('second', [{ id: 'second' }]);
  await eventually(status, (found) => found.queue.length === 1);

  // Nobody is there to hear these verdicts, so each is kept in git.
  const ghost = 'none/none/ghost';
  const asked = Array.from(
    { length: 30 },
    (_, n): SubmissionId => ({ bead: ghost, attempt: n + 1, head: 'h' }),
  );
  for (const one of asked) {
    await queue().signal('withdraw', { ...one, workflowId: `bead/${ghost}` });
  }
  await eventually(
    () => verdicts(ghost),
    (kept) => kept.length === asked.length,
  );
  const { historyLength } = await eventually(
    () => queue().describe(),
    (found) => found.historyLength < 60,
  );
  expect(historyLength).toBeLessThan(60);
  expect((await status()).stopped).toMatchObject({
    type: 'QueuePaused',
    what: expect.stringContaining('lunch'),
  });
  expect((await status()).queue).toMatchObject([{ bead: 'second/second/second', state: 'waiting' }]);
  const count = await eventually(runs, (found) => found > 1);
  // One after the other would be hundreds by now.
  expect(count).toBeLessThan(20);

  await queue().executeUpdate('resume', { args: [{}] });
  expect(await second.handle.result()).toMatchObject({ landed: 1 });
});

test('G2: a Refinery that stopped for a red base does so too, still knows why, and goes on when it is repaired', async () => {
  const hold = town.holds.hold('examine');
  const { handle } = await town.launch('third', [{ id: 'third' }]);
  await hold.arrived;
  const red = await town.repo.commitTo('main', { 'src/bad.txt': 'BROKEN\n' }, 'outsider: breaks it');
  hold.release();
  await eventually(status, ({ stopped }) => stopped?.type === 'BaseRed');
  const { runId } = await queue().describe();
  // Nobody signals: its own looks at the target make the history grow.
  await eventually(
    async () => (await queue().describe()).runId,
    (found) => found !== runId,
  );
  const { stopped, tip } = await status();
  expect(stopped).toMatchObject({ type: 'BaseRed', what: expect.stringContaining(red.slice(0, 12)) });
  expect(tip).toBe(red);
  await town.repo.commitTo('main', { 'src/bad.txt': null }, 'outsider: takes it back');
  expect(await handle.result()).toMatchObject({ landed: 1 });
});

test('G10: after a flood of news a host shows the last of them, and has counted all', async () => {
  const ghost = await town.client.workflow.start('host', {
    workflowId: workflowId.host('ghost'),
    taskQueue: 'town',
    args: [{ host: 'ghost' }],
  });
  for (let n = 0; n < 5; n++) {
    await Promise.all(
      Array.from({ length: 40 }, () =>
        ghost.signal('hostObserved', { open: ['m'], closed: [], place: 'home' }),
      ),
    );
  }
  await ghost.signal('hostObserved', { open: ['the-last'], closed: [], place: 'home' });
  await eventually(
    () => ghost.query<HostStatus>('hostStatus'),
    ({ attempt }) => attempt === 201,
  );
  const { currentDetails } = await ghost.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails).toContain('the-last');
  expect(currentDetails).toContain('201');
});
