import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChildProgram } from '../../../deploy/town/child.ts';
import { type Kept, type KeptEvent, keep } from '../../../deploy/town/keep.ts';
import { keepWorkers } from '../../../deploy/town/keepWorkers.ts';
import { openLog } from '../../../deploy/town/logFile.ts';
import { isAlive, markOf } from '../../../deploy/town/processes.ts';
import { countRestarts, worthTelling } from '../../../deploy/town/restarts.ts';
import { programPath } from './standIn.ts';

let folder: string;
let kept: Kept | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastown-keep-'));
});
afterEach(async () => {
  kept?.kill();
  await rm(folder, { recursive: true, force: true });
});

const listener = () => {
  const events: KeptEvent[] = [];
  const waiting: (() => void)[] = [];
  return {
    events,
    tell: (event: KeptEvent) => {
      events.push(event);
      for (const wake of waiting.splice(0)) wake();
    },
    async next(kind: KeptEvent['kind'], count = 1): Promise<KeptEvent> {
      for (;;) {
        const found = events.filter((event) => event.kind === kind)[count - 1];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
};

const worker = (mode = ''): ChildProgram => ({
  command: process.execPath,
  args: [programPath('worker'), mode],
});
const script = (code: string): ChildProgram => ({ command: process.execPath, args: ['-e', code] });
const log = () => join(folder, 'log', 'child.log');

test('G5: a worker that is killed is started again', async () => {
  const heard = listener();
  kept = keep('w', worker, log(), heard.tell);
  await kept.firstReady;
  const first = kept.mark();
  process.kill(first?.pid as number, 'SIGKILL');
  expect(await heard.next('died')).toMatchObject({ how: 'killed by SIGKILL', count: 1 });
  await heard.next('ready', 2);
  expect(kept.mark()?.pid).not.toBe(first?.pid);
  await kept.stop(5_000);
});

test('a stop drains the process and waits for its end', async () => {
  kept = keep('w', worker, log(), () => {});
  await kept.firstReady;
  const mark = kept.mark();
  await kept.stop(10_000);
  expect(mark && (await isAlive(mark))).toBe(false);
  expect(await readFile(log(), 'utf8')).toContain('draining');
});

test('a process that does not drain is killed with all that it started', async () => {
  kept = keep(
    'w',
    () => worker('stubborn'),
    log(),
    () => {},
  );
  await kept.firstReady;
  await kept.stop(200);
  const gate = Number((await readFile(log(), 'utf8')).match(/"gate":(\d+)/)?.[1]);
  expect(gate).toBeGreaterThan(0);
  expect(await markOf(gate)).toBeUndefined();
});

test('a command that does not exist is a death like any other', async () => {
  const heard = listener();
  kept = keep('w', () => ({ command: join(folder, 'nothing'), args: [] }), log(), heard.tell);
  expect(await heard.next('died')).toMatchObject({ how: 'exit status 127' });
  await kept.stop(1_000);
});

test('G10: a worker that never gets ready is told with its last words and its log', async () => {
  const program = () => script('console.error("the config is wrong"); process.exit(3)');
  const workers = keepWorkers(
    [{ role: 'town', count: 1, program }],
    () => ({}) as never,
    folder,
    () => {},
  );
  await expect(workers.ready).rejects.toMatchObject({
    trouble: {
      type: 'WorkerFailed',
      evidence: expect.stringMatching(/exit status 3\n(.*\n)*the config is wrong/),
      next: expect.stringContaining('town-1.log'),
    },
  });
  await workers.stop(1_000);
});

describe('restarts', () => {
  test('come slower with each death in a row, up to a bound', () => {
    const restarts = countRestarts();
    const waits = Array.from({ length: 12 }, () => restarts.died(1_000, 900));
    expect(waits.slice(0, 4)).toEqual([250, 500, 1_000, 2_000]);
    expect(waits.at(-1)).toBe(30_000);
  });

  test('are quick again after a healthy life', () => {
    const restarts = countRestarts();
    for (let death = 0; death < 5; death++) restarts.died(1_000, 900);
    expect(restarts.died(100_000, 1_000)).toBe(250);
    expect(restarts.count).toBe(1);
  });

  test('are told three times, then now and then', () => {
    expect([1, 2, 3, 4, 9, 10, 11, 20].filter(worthTelling)).toEqual([1, 2, 3, 10, 20]);
  });
});

describe('logs', () => {
  test('are lines of JSON, whatever a child writes', async () => {
    const file = openLog(log(), 'w');
    file.line('{"level":30,"msg":"own"}');
    file.line('plain text');
    await file.close();
    const lines = (await readFile(log(), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([{ msg: 'own' }, { msg: 'plain text', name: 'w' }]);
  });

  test('never grow past twice their bound', async () => {
    const file = openLog(log(), 'w', 2_000);
    for (let line = 0; line < 200; line++) file.line(`line ${line} of a very talkative child`);
    await file.close();
    const [now, before] = await Promise.all([readFile(log(), 'utf8'), readFile(`${log()}.1`, 'utf8')]);
    expect(now.length).toBeLessThanOrEqual(2_000);
    expect(before.length).toBeLessThanOrEqual(2_000);
    expect(now).toContain('line 199');
  });
});
