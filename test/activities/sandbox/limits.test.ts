import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { availableControllers } from '../../../activities/sandbox/index.ts';
import { bareRung } from '../../../activities/sandbox/rung.ts';
import { openPlace, type Place } from './place.ts';
import { processesWith } from './processes.ts';
import { workingRungs } from './rungs.ts';

const rungs = [...(await workingRungs()), bareRung];
const controllers = await availableControllers();
const asRoot = process.getuid?.() === 0;

let place: Place;
beforeAll(() => {
  place = openPlace();
});
afterAll(() => place.remove());

/** Takes memory that it really writes to, until something ends it. */
const memoryBomb =
  'const kept = []; for (let i = 0; i < 400; i++) kept.push(Buffer.alloc(16 * 1024 * 1024, 1)); console.log("had it all");';

describe.each(rungs.map((rung) => [rung.name, rung] as const))('G9: in %s', (_, rung) => {
  test.skipIf(!controllers.includes('memory'))(
    'a memory bomb is killed at the limit, said with the setting (needs a memory control group)',
    async () => {
      const result = await place.node(rung, memoryBomb, { limits: { memoryMiB: 256 } });
      expect(result.output).not.toContain('had it all');
      expect(result.exitCode).toBe(137);
      expect(result.notes).toEqual(["killed at 256 MiB of memory (the rig's limits.memoryMiB raises it)"]);
    },
  );

  test.skipIf(!controllers.includes('memory'))(
    'memory is counted for all processes of a run together (needs a memory control group)',
    async () => {
      const child = `${process.execPath} -e 'const b = Buffer.alloc(100 * 1024 * 1024, 1); setTimeout(() => console.log("kept " + b.length), 2000)'`;
      const result = await place.run(rung, `${child} & ${child} & ${child} & ${child} & wait; exit 1`, {
        limits: { memoryMiB: 256 },
      });
      expect(result.notes).toEqual([expect.stringContaining('killed at 256 MiB of memory')]);
    },
  );

  test.skipIf(!controllers.includes('pids') && asRoot)(
    'a fork bomb ends with its timeout, at its limit, and leaves nothing (needs a process control group, or a user that is not root)',
    async () => {
      const mark = `bomb-${process.pid}-${rung.name}`;
      const result = await place.run(
        rung,
        `bomb() { sh -c 'while :; do sleep 5; done' ${mark} & bomb 2>/dev/null | bomb 2>/dev/null & }; bomb 2>/dev/null; while :; do sleep 1; done`,
        { limits: { processes: 60 }, timeoutMs: 2_500 },
      );
      expect(result.exitCode === 0 ? result.output : 'ended').toBe('ended');
      expect(await processesWith(mark)).toEqual([]);
      if (controllers.includes('pids')) {
        expect(result.notes).toContain(
          "stopped at 60 processes at a time (the rig's limits.processes raises it)",
        );
      }
    },
  );

  test('a file of many GiB stops at the limit, with and without holes', async () => {
    const plain = await place.run(rung, 'dd if=/dev/zero of=big bs=1M count=100000; exit $?', {
      limits: { fileMiB: 8 },
    });
    const holes = await place.run(rung, 'dd if=/dev/zero of=holes bs=1 count=1 seek=100G; exit $?', {
      limits: { fileMiB: 8 },
    });
    for (const result of [plain, holes]) {
      expect(result.exitCode).toBe(153);
      expect(result.signal).toBe('SIGXFSZ');
      expect(result.notes).toEqual(["stopped at a file of 8 MiB (the rig's limits.fileMiB raises it)"]);
    }
    expect(statSync(join(place.tree, 'big')).size).toBe(8 * 2 ** 20);
  });

  test('a program that ignores the signal is told by its own words', async () => {
    const result = await place.node(
      rung,
      `process.on('SIGXFSZ', () => {}); const fs = require('node:fs'); const fd = fs.openSync('own', 'w');
       for (let i = 0; i < 64; i++) fs.writeSync(fd, Buffer.alloc(1024 * 1024));`,
      { limits: { fileMiB: 4 } },
    );
    expect(result.exitCode).toBe(1);
    expect(result.notes).toEqual([
      "it says that a file was too large: the most is 4 MiB (the rig's limits.fileMiB raises it)",
    ]);
  });

  test.skipIf(controllers.length === 0 && rung.name === 'none')(
    'a daemon in a session of its own that wiped its environment ends with the command (needs a control group on the rung none)',
    async () => {
      const mark = `wiped-${process.pid}-${rung.name}`;
      const result = await place.run(
        rung,
        `(setsid env -i /bin/sh -c '(while :; do /bin/sleep 1; done)' ${mark} </dev/null >/dev/null 2>&1 &); echo done`,
      );
      expect(result).toMatchObject({ exitCode: 0, output: 'done\n' });
      expect(await processesWith(mark)).toEqual([]);
    },
  );

  test('core files and open files are bounded', async () => {
    const result = await place.run(rung, 'ulimit -c; ulimit -n; ulimit -Hn', { limits: { openFiles: 300 } });
    expect(result.output).toBe('0\n300\n300\n');
  });

  test('a limit that a green command met is not worth a word', async () => {
    const result = await place.run(rung, 'dd if=/dev/zero of=big bs=1M count=20 2>/dev/null; exit 0', {
      limits: { fileMiB: 2 },
    });
    expect(result).toMatchObject({ exitCode: 0, notes: [] });
  });

  test.skipIf(!controllers.includes('cpu'))(
    'processor time is shared out as set (needs a processor control group)',
    async () => {
      const spin = `const until = Date.now() + 1500; while (Date.now() < until); const { userCPUTime, systemCPUTime } = process.resourceUsage(); console.log((userCPUTime + systemCPUTime) / 1000);`;
      const { output } = await place.node(rung, spin, { limits: { cpus: 0.2 } });
      expect(Number(output)).toBeLessThan(800);
    },
  );
});

describe.each(rungs.filter(({ name }) => name !== 'none').map((rung) => [rung.name, rung] as const))(
  'G9: in %s',
  (_, rung) => {
    test('files in memory have their size, and the rest of /dev is closed', async () => {
      const { output } = await place.run(
        rung,
        'dd if=/dev/zero of=/dev/shm/big bs=1M count=64 2>/dev/null; stat -c %s /dev/shm/big; touch /dev/evil 2>/dev/null && echo wrote; exit 0',
        { limits: { shmMiB: 4 } },
      );
      expect(output).toBe(`${4 * 2 ** 20}\n`);
    });
  },
);
