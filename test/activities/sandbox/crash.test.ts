import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bareRung } from '../../../activities/sandbox/rung.ts';
import { sweepScratch } from '../../../activities/sandbox/scratch.ts';
import { processesWith } from './processes.ts';
import { workingRungs } from './rungs.ts';

const module = resolve(import.meta.dirname, '../../../activities/sandbox/run.ts');
const rungs = [...(await workingRungs()), bareRung];

test.each(rungs.map((rung) => [rung.name, rung] as const))(
  'G5: in %s, what a killed worker left is ended and removed',
  async (_, rung) => {
    const folder = mkdtempSync(join(tmpdir(), 'gastown-crash-'));
    const mark = `crash-${process.pid}-${rung.name}`;
    const scratch = join(folder, 'scratch');
    const program = `
      const { runSandboxed } = await import(${JSON.stringify(module)});
      await runSandboxed({ rung: ${JSON.stringify(rung)}, command: ${JSON.stringify(`trap "" HUP TERM; setsid sh -c 'while :; do sleep 1; done' ${mark} & echo up; wait`)},
        cwd: ${JSON.stringify(folder)}, writable: [${JSON.stringify(folder)}], scratch: ${JSON.stringify(scratch)}, network: false, timeoutMs: 60000,
        onOutput: () => process.stdout.write('up') });
    `;
    try {
      const worker = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(worker.stdout, 'data');
      expect(await processesWith(mark)).not.toEqual([]);
      worker.kill('SIGKILL');
      await once(worker, 'exit');
      await sweepScratch(scratch);
      expect(existsSync(scratch) ? readdirSync(scratch) : []).toEqual([]);
      const groups = existsSync('/sys/fs/cgroup/pids') ? readdirSync('/sys/fs/cgroup/pids') : [];
      expect(groups.filter((name) => name.startsWith(`gastown-${worker.pid}-`))).toEqual([]);
      // The kernel ends a sandbox when its parent is gone, a moment later.
      const until = Date.now() + 5_000;
      while ((await processesWith(mark)).length > 0 && Date.now() < until) await wait(10);
      expect(await processesWith(mark)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
