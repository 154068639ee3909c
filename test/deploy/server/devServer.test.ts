import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { connectClient, plainCluster } from '../../../deploy/server/connect.ts';
import { type DevServer, type DevServerOptions, startDevServer } from '../../../deploy/server/devServer.ts';
import { isAlive, markOf } from '../../../deploy/town/processes.ts';
import { searchAttributes } from '../../../workflows/domain/naming.ts';

const namespace = 'gastown-server-test';
let folder: string;
let dbFile: string;
let logFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastown-server-'));
  dbFile = join(folder, 'temporal.db');
  logFile = join(folder, 'temporal.log');
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const start = async (more: Partial<DevServerOptions> = {}): Promise<DevServer> => {
  const server = await startDevServer({ binary: inject('temporalCli'), namespace, dbFile, logFile, ...more });
  onTestFinished(() => server.stop());
  return server;
};

const connected = async (server: DevServer): Promise<Client> => {
  const client = await connectClient(plainCluster(server.address, server.namespace));
  onTestFinished(() => client.connection.close());
  return client;
};

const startWorkflow = async (client: Client, workflowId: string): Promise<void> => {
  await client.workflow.start('nobodyRunsThis', {
    workflowId,
    taskQueue: 'none',
    searchAttributes: { GtConvoy: ['a-convoy'] },
  });
};

test('a server serves its namespace with the search attributes and keeps ended workflows for 30 days', async () => {
  const client = await connected(await start());
  const { config } = await client.workflowService.describeNamespace({ namespace });
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining([...searchAttributes]));
  await startWorkflow(client, 'with-attributes');
});

test('G5: a server killed with SIGKILL goes on from its file, at the same addresses', async () => {
  const first = await start();
  await startWorkflow(await connected(first), 'survivor');
  process.kill(first.pid, 'SIGKILL');
  expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });

  const second = await start({ port: portOf(first.address), uiPort: portOf(first.uiUrl) });
  expect([second.address, second.uiUrl]).toEqual([first.address, first.uiUrl]);
  const found = await (await connected(second)).workflow.getHandle('survivor').describe();
  expect(found.status.name).toBe('RUNNING');
});

test('the Web UI answers on loopback', async () => {
  const server = await start({ dbFile: undefined });
  expect(server.uiUrl).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect((await fetch(`${server.uiUrl}/namespaces`)).status).toBe(200);
});

test('a wanted port that somebody has taken gives way to a free one', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as { port: number };
  const server = await start({ dbFile: undefined, ui: false, port });
  expect(portOf(server.address)).not.toBe(port);
});

test('G5: the server ends when its starter is killed with SIGKILL, and not by Ctrl-C', async () => {
  const starter = await startElsewhere();
  // Ctrl-C reaches the starter's process group.
  process.kill(-starter.pid, 'SIGINT');
  await connected(starter.server);
  process.kill(starter.pid, 'SIGKILL');
  await gone(starter.server.pid);
  await start();
});

test('a database that a living program serves is refused, with the process that has it', async () => {
  const starter = await startElsewhere();
  await expect(start()).rejects.toThrow(`started by process ${starter.pid}`);
  process.kill(starter.pid, 'SIGKILL');
  await gone(starter.server.pid);
});

test('G5: an orphan that nobody watches is ended before another server opens the same file', async () => {
  const first = await start();
  const claim = JSON.parse(await readFile(`${dbFile}.claim`, 'utf8')) as { starter: { pid: number } };
  claim.starter.pid = 2 ** 22 + 1; // above any pid: a starter that is dead
  await writeFile(`${dbFile}.claim`, JSON.stringify(claim));
  await start();
  expect((await first.exited).code).toBe(0);
});

test('G10: a server that ends at once is reported with its status, its last words and the log', async () => {
  const binary = join(folder, 'broken');
  await writeFile(binary, '#!/bin/sh\necho "disk is on fire" >&2\nexit 7\n', { mode: 0o755 });
  await expect(start({ binary, dbFile: undefined })).rejects.toThrow(
    /exit status 7[\s\S]*disk is on fire[\s\S]*Next: Look into .*temporal\.log/,
  );
});

test('G10: a binary that is not there is named', async () => {
  await expect(start({ binary: join(folder, 'absent'), dbFile: undefined })).rejects.toThrow(
    /ENOENT[\s\S]*Next: /,
  );
});

test('a start that nobody waits for any more leaves no process', async () => {
  const binary = join(folder, 'slow');
  const pidFile = join(folder, 'slow.pid');
  await writeFile(binary, `#!/bin/sh\necho $$ > '${pidFile}'\nexec sleep 60\n`, { mode: 0o755 });
  const given = new AbortController();
  const started = start({ binary, dbFile: undefined, signal: given.signal });
  const pid = await until(async () => Number(await readFile(pidFile, 'utf8').catch(() => '')) || undefined);
  given.abort(new Error('not wanted'));
  await expect(started).rejects.toThrow('not wanted');
  expect(await markOf(pid)).toBeUndefined();
});

test('G10: an address where nobody listens is named', async () => {
  await expect(connectClient(plainCluster('127.0.0.1:1', 'x'), 500)).rejects.toThrow(
    /127\.0\.0\.1:1[\s\S]*Next: /,
  );
});

const portOf = (address: string | undefined): number => Number(address?.split(':').at(-1));

/** A program of its own process group that starts a server on our file and ignores Ctrl-C. */
const startElsewhere = async (): Promise<{ pid: number; server: DevServer }> => {
  const script = new URL('./startServer.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    [script, JSON.stringify({ binary: inject('temporalCli'), namespace, dbFile, logFile })],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await new Promise<Buffer>((resolve) => child.stdout.once('data', resolve)))
    .toString()
    .split('\n');
  return { pid: child.pid as number, server: JSON.parse(line as string) as DevServer };
};

const gone = async (pid: number): Promise<void> => {
  const mark = await markOf(pid);
  await until(async () => (mark === undefined || !(await isAlive(mark)) ? true : undefined));
};

/** Foreign processes tell nobody when they start and end, so these few waits look again. Bounded by the test's timeout. */
const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(50);
  }
};
