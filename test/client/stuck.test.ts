import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import type { Silent } from '../../client/stuck.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { eventually, filesReply, type TestTown } from '../support/town.ts';
import { gt, type Ran } from './gtProcess.ts';
import { openGtTown } from './gtTown.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;

beforeAll(async () => {
  town = await openGtTown({
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<Ran> => gt(args, town.folder);

const start = (type: string, id: string, ...args: unknown[]) =>
  town.client.workflow.start(type, { workflowId: id, taskQueue: 'town', args });

const failsAtItsTasks = (id: string) =>
  eventually(
    () => town.client.workflow.getHandle(id).fetchHistory(),
    ({ events }) => events?.some(({ workflowTaskFailedEventAttributes: failed }) => failed) === true,
  );

test('G10: a Refinery whose tasks fail is told by `gt status` and `gt refinery status`, by name, with the way out', async () => {
  const id = workflowId.refinery('rig', 'broken');
  await start('refinery', id, null);
  await failsAtItsTasks(id);
  // One failed task may be a worker's that was killed: it counts from the third on.
  const page = await eventually(
    () => run('status'),
    ({ out }) => out.includes(`${id} is stuck`),
  );
  expect(page.code).toBe(exitCode.ok);
  expect(page.out).toContain('What does not work:');
  expect(page.out).toContain(`temporal workflow show -w ${id}`);

  const queues = await run('refinery', 'status');
  expect(queues.code).toBe(exitCode.failed);
  expect(queues.out).toContain(`WorkflowStuck: ${id} is stuck`);
  expect(queues.err).toBe('');
  const { meta } = JSON.parse((await run('refinery', 'status', '--json')).out) as {
    meta: { silent: Silent[] };
  };
  expect(meta.silent.map(({ workflow }) => workflow)).toContain(id);
  await town.client.workflow.getHandle(id).terminate();
});

test('G10: a Refinery that somebody ended is not forgotten, and one that runs again is nothing to tell', async () => {
  const id = workflowId.refinery('rig', 'ended');
  await (await start('refinery', id, { rig: 'rig', target: 'ended' })).terminate();
  const page = await eventually(
    () => run('status'),
    ({ out }) => out.includes(`${id} does not run`),
  );
  expect(page.out).toContain('it was terminated');
  await start('refinery', id, { rig: 'rig', target: 'ended' });
  await eventually(
    () => run('status'),
    ({ out }) => !out.includes(`${id} does not run`) && out.includes('rig ended: 0 beads'),
  );
});

test('G10: a convoy that could not start is in `gt status` and `gt convoy list`, and its board says why', async () => {
  const id = workflowId.convoy('unfit');
  const handle = await start('convoy', id, { convoy: 'unfit', epics: [{ id: '../../x' }] });
  await handle.result().catch(() => undefined);
  const page = await eventually(
    () => run('status'),
    ({ out }) => out.includes('unfit failed:'),
  );
  expect(page.out).toContain('PlanRejected: The convoy unfit cannot start');
  expect((await run('convoy', 'list')).out).toContain('unfit failed: The convoy unfit cannot start');
  const board = await run('convoy', 'status', 'unfit');
  expect(board.out).toContain('title is missing');
  expect(board.out).toContain('Next: Launch a plan with `gt convoy launch PLAN`');
});

test('G10: asked for a workflow whose tasks fail, gt names it and does not ask for a report', async () => {
  const id = workflowId.convoy('stuck');
  await start('noSuchWorkflow', id);
  await failsAtItsTasks(id);
  const asked = await eventually(
    () => run('convoy', 'status', 'stuck'),
    ({ err }) => err.includes(`${id} is stuck`),
  );
  expect(asked.code).toBe(exitCode.failed);
  expect(asked.err).not.toContain('report it');
});

test('G10: an ended convoy whose record this code cannot read is told as that, and the town is not blamed', async () => {
  const id = workflowId.convoy('older');
  await using _serving = await endedUnderOtherCode(id);
  const [asked, list] = [await run('convoy', 'status', 'older'), await run('convoy', 'list')];
  expect(asked.code).toBe(exitCode.failed);
  expect(asked.err).toContain(
    `WorkflowStuck: ${id} has ended, and the town’s code cannot read what became of it`,
  );
  expect(list.out).toContain(`WorkflowStuck: ${id} has ended`);
  expect(list.out).not.toContain('TownSilent');
});

/** A convoy that a worker with other code took to its end; then the town's own code serves its queue. */
const endedUnderOtherCode = async (id: string) => {
  const workflowsPath = fileURLToPath(new URL('../support/otherCode.ts', import.meta.url));
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const { namespace } = town.client.options;
  const common = { connection, namespace, taskQueue: 'other-code' };
  const logger = new DefaultLogger('ERROR');
  const other = await Worker.create({
    ...common,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
  });
  await other.runUntil(
    town.client.workflow.execute('convoy', { workflowId: id, taskQueue: 'other-code', args: [{}] }),
  );
  const own = await Worker.create({ ...common, workflowBundle: { codePath: inject('bundlePath') } });
  const running = own.run();
  return {
    async [Symbol.asyncDispose]() {
      own.shutdown();
      await running;
      await connection.close();
    },
  };
};
