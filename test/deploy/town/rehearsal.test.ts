import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rehearse } from '../../../deploy/town/rehearsal.ts';
import { workflowsHash } from '../../../deploy/town/version.ts';
import { taskQueue, workflowId } from '../../../workflows/domain/naming.ts';
import { freshNamespace } from '../../support/cluster.ts';
import { eventually } from '../../support/town.ts';
import { programPath } from './standIn.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gastown-rehearsal-'));
  await writeFile(join(home, 'gastown.yaml'), config);
});
afterAll(() => rm(home, { recursive: true, force: true }));

const config = `
hosts: { pit: { kind: openai, url: "http://127.0.0.1:9" } }
models: { coder: { name: coder, context: 32768, hosts: [pit] } }
rigs: { app: { path: ., gates: [{ name: check, run: "true" }] } }
`;

test('histories that other code wrote and this code cannot go on with refuse the start, with their ids and the way out', async () => {
  const { address, namespace, client } = await freshNamespace();
  const setting = {
    home,
    homeId: 'h',
    config: join(home, 'gastown.yaml'),
    address,
    namespace,
    graceSeconds: 1,
  };
  await using connection = await closing(NativeConnection.connect({ address }));
  const older = await Worker.create({
    connection: connection.value,
    namespace,
    taskQueue: taskQueue.town,
    workflowsPath: programPath('olderTown'),
  });
  await older.runUntil(async () => {
    const handle = await client.workflow.start('town', {
      workflowId: workflowId.town,
      taskQueue: taskQueue.town,
      args: [],
    });
    await eventually(
      async () => (await handle.fetchHistory()).events ?? [],
      (events) => events.some(({ timerStartedEventAttributes }) => Boolean(timerStartedEventAttributes)),
    );
    await eventually(
      async () => {
        const found: string[] = [];
        for await (const { workflowId: id } of client.workflow.list({ query: 'ExecutionStatus = "Running"' }))
          found.push(id);
        return found;
      },
      (ids) => ids.length === 1,
    );
  });

  const before = { version: 'abc123', workflows: 'of other code' };
  const refusal = rehearse(before, setting, undefined);
  await expect(refusal).rejects.toMatchObject({ name: 'UpgradeRefused' });
  const { trouble } = (await refusal.catch((error: unknown) => error)) as {
    trouble: { evidence: string; next: string };
  };
  expect(trouble.evidence).toContain('town: ');
  expect(trouble.next).toContain('checkout abc123');
  expect(trouble.next).toContain('gt stop --all');

  // The very code that wrote them need not ask.
  const same = { version: 'abc123', workflows: await workflowsHash() };
  expect(await rehearse(same, setting, undefined)).toEqual({ workflows: same.workflows, checked: 0 });

  await client.workflow.getHandle(workflowId.town).terminate('by the test');
  await eventually(
    () => rehearse(before, setting, undefined).catch(() => undefined),
    (rehearsal) => rehearsal?.checked === 0,
  );
});

const closing = async (connection: Promise<NativeConnection>) => {
  const value = await connection;
  return { value, [Symbol.asyncDispose]: () => value.close() };
};
