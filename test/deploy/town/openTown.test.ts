import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import { endLeftovers } from '../../../deploy/town/leftovers.ts';
import type { TownEvent } from '../../../deploy/town/openTown.ts';
import { isAlive, markOf } from '../../../deploy/town/processes.ts';
import { readRecord, type TownRecord, writeRecord } from '../../../deploy/town/record.ts';
import { programPath } from './standIn.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gastown-town-'));
});
afterEach(async () => await rm(home, { recursive: true, force: true }));

type Said = TownEvent | { readonly kind: 'open'; readonly address: string };

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  said(kind: Said['kind']): Promise<Said>;
}

const start = (mode = ''): Running => {
  const child = spawn(process.execPath, [programPath('supervisor'), home, inject('temporalCli'), mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const events: Said[] = [];
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => events.push(JSON.parse(line) as Said));
  const said = async (kind: Said['kind']): Promise<Said> => {
    for (;;) {
      const found = events.find((event) => event.kind === kind);
      if (found !== undefined) return found;
      await once(lines, 'line');
    }
  };
  return { child, said, ended: once(child, 'exit') };
};

const open = async (mode = ''): Promise<Running & { record: TownRecord }> => {
  const running = start(mode);
  await running.said('open');
  const record = await readRecord(home);
  if (record === undefined) throw new Error('no town.json');
  return { ...running, record };
};

const living = async (record: TownRecord): Promise<readonly string[]> => {
  const alive = await Promise.all(record.pids.map(isAlive));
  return record.pids.filter((_, index) => alive[index]).map(({ role }) => role);
};

test('town.json names every process; SIGTERM drains workers, ends the server and leaves nothing', async () => {
  const { child, ended, record } = await open();
  expect(record).toMatchObject({ name: 'processes', namespace: 'gastown-processes', state: 'open' });
  expect(await living(record)).toEqual(['supervisor', 'server', 'town', 'town', 'hosts']);
  child.kill('SIGTERM');
  await ended;
  expect(await living(record)).toEqual([]);
  expect(await readRecord(home)).toMatchObject({ state: 'closed', pids: [] });
});

test('Ctrl-C twice ends workers that do not drain, and all that they started', async () => {
  const { child, ended, record, said } = await open('stubborn');
  child.kill('SIGINT');
  await said('draining');
  child.kill('SIGINT');
  await ended;
  expect(await living(record)).toEqual([]);
});

test('G5: when the supervisor is killed its processes end by themselves, and the next town has the same ports', async () => {
  const { child, ended, record } = await open();
  child.kill('SIGKILL');
  await ended;
  await expect.poll(() => living(record), { timeout: 15_000 }).toEqual([]);
  const again = await open();
  expect(again.record.address).toBe(record.address);
  expect(again.record.homeId).toBe(record.homeId);
  again.child.kill('SIGTERM');
  await again.ended;
});

test('G5: what a killed supervisor left behind is ended by the next one, a stranger with its pid is not', async () => {
  const { child, ended, record } = await open('stubborn');
  child.kill('SIGKILL');
  await ended;
  expect(await living(record)).toEqual(expect.arrayContaining(['town', 'town', 'hosts']));
  const stranger = await markOf(process.pid);
  const pids = [...record.pids, { role: 'town' as const, pid: process.pid, mark: `${stranger?.mark}0` }];
  await writeRecord(home, { ...record, pids });
  const again = start();
  expect(await again.said('leftovers')).toMatchObject({ pids: expect.not.arrayContaining([process.pid]) });
  await again.said('open');
  expect(await living(record)).toEqual([]);
  again.child.kill('SIGTERM');
  await again.ended;
});

test('G5: a Temporal server that is killed is started again at the same address', async () => {
  const { child, ended, record, said } = await open();
  process.kill(record.pids.find(({ role }) => role === 'server')?.pid as number, 'SIGKILL');
  expect(await said('serverDied')).toMatchObject({ how: 'SIGKILL' });
  await expect
    .poll(async () => (await readRecord(home))?.pids.find(({ role }) => role === 'server')?.pid, {
      timeout: 15_000,
    })
    .not.toBe(record.pids[1]?.pid);
  expect((await readRecord(home))?.address).toBe(record.address);
  child.kill('SIGTERM');
  await ended;
  expect(await endLeftovers(record, 1_000)).toEqual([]);
});
