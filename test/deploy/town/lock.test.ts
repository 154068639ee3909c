import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { lockTown } from '../../../deploy/town/lock.ts';
import { markOf } from '../../../deploy/town/processes.ts';
import { writeRecord } from '../../../deploy/town/record.ts';
import { programPath } from './standIn.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gastown-lock-'));
});
afterEach(async () => await rm(home, { recursive: true, force: true }));

const contender = async (): Promise<{ child: ChildProcess; said: string }> => {
  const child = spawn(process.execPath, [programPath('holdLock'), home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [
    string,
  ];
  return { child, said };
};

test('a home has one owner: another process is refused, and gets it when the owner lets go', async () => {
  const lock = await lockTown(home);
  expect((await contender()).said).toBe('TownOpen');
  lock.release();
  expect((await contender()).said).toBe('locked');
});

test('G5: the lock of an owner that was killed is free at once, and the lock of a live one never is', async () => {
  const { child, said } = await contender();
  expect(said).toBe('locked');
  await expect(lockTown(home)).rejects.toThrow('has an open town already');
  child.kill('SIGKILL');
  await once(child, 'exit');
  (await lockTown(home)).release();
});

test('of many that try at once exactly one gets the home', async () => {
  const said = (await Promise.all(Array.from({ length: 5 }, contender))).map((one) => one.said);
  expect(said.filter((word) => word === 'locked')).toHaveLength(1);
  expect(said.filter((word) => word === 'TownOpen')).toHaveLength(4);
});

test('G10: the refusal names the process that has the home', async () => {
  const mark = await markOf(process.pid);
  await writeRecord(home, {
    name: 'mill',
    namespace: 'gastown-mill',
    address: '127.0.0.1:1',
    uiUrl: undefined,
    homeId: 'x',
    config: undefined,
    version: '1',
    startedAt: '2026-01-01T00:00:00.000Z',
    state: 'open',
    pids: mark === undefined ? [] : [{ role: 'supervisor', ...mark }],
  });
  const lock = await lockTown(home);
  onTestFinished(() => lock.release());
  await expect(lockTown(home)).rejects.toMatchObject({
    trouble: {
      evidence: expect.stringContaining(`process ${process.pid}, town mill`),
      next: expect.stringContaining('gt down'),
    },
  });
});
