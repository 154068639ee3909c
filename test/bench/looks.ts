/**
 * `npm run bench:looks [-- --beads 200] [--json]`: what it costs to look at a town. A real one, opened by `gt up`, with a convoy in
 * mid-work: some beads landed, 50 at work, the rest waiting, because the scripted host keeps its calls open. Times whole
 * processes of `gt status` and `gt convoy status`, and the share of a core that `gt convoy watch` takes in a pipe and on a
 * terminal. Fails above the floors: 400 ms at the median, 3 % of a core.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { descendantsOf } from '../../deploy/town/descendants.ts';
import { readRecord } from '../../deploy/town/record.ts';
import { stopSignals } from '../../deploy/town/stopSignals.ts';
import type { ConvoyStatus } from '../../workflows/domain/report/report.ts';
import { startModelHost } from '../support/modelHost.ts';
import { tempRepo } from '../support/repo.ts';
import { cpuShare } from './cpu.ts';

const floors = { ms: 400, cpuPercent: 3 };
const { values } = parseArgs({
  options: {
    beads: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
const beads = Number(values.beads);
const landsAtOnce = Math.min(20, Math.floor(beads / 4));
const script = fileURLToPath(new URL('../../client/gt.mjs', import.meta.url));

using signals = stopSignals();
const folder = await mkdtemp(join(tmpdir(), 'gastown-looks-'));
await using repo = await tempRepo({ bare: true, files: { 'README.md': '# bench\n' } });
const ended = Promise.withResolvers<string>();
await using host = await startModelHost({
  kind: 'openai',
  slots: 16,
  models: { bench: { context: 32_768 } },
  reply: ({ messages }) => {
    const bead = Number(/TASK-OF-b(\d+)\./.exec(JSON.stringify(messages))?.[1] ?? 0);
    const reply = `work/b${bead}.txt\n\`\`\`\n${bead}\n\`\`\`\n`;
    return bead < landsAtOnce ? reply : ended.promise.then(() => reply);
  },
});
await writeFile(
  join(folder, 'plan.yaml'),
  stringify({
    convoy: 'bench',
    rig: 'rig',
    beads: Array.from({ length: beads }, (_, index) => ({
      id: `b${index}`,
      title: `Bead ${index}`,
      task: `TASK-OF-b${index}. Write a file.`,
      files: [`work/b${index}.txt`],
      // What is kept open must not take the slots of those that are to land.
      ...(index < landsAtOnce ? {} : { needs: [`b${index % landsAtOnce}`] }),
    })),
  }),
);
await writeFile(
  join(folder, 'gastown.yaml'),
  stringify({
    town: { name: 'looks', home: join(folder, 'home'), timeZone: 'UTC' },
    hosts: { host: { kind: 'openai', url: host.url, slots: 16 } },
    models: { bench: { name: 'bench', context: 32_768, hosts: ['host'] } },
    rigs: { rig: { path: repo.path, gates: [{ name: 'check', run: 'true' }], limits: { maxWorkers: 50 } } },
    limits: { maxParallel: 50 },
  }),
);

const gt = (...args: readonly string[]) =>
  execa(process.execPath, [script, ...args], {
    cwd: folder,
    reject: false,
    stdin: 'ignore',
    timeout: 240_000,
  });

/** Minimum, median and maximum of whole processes, ms. */
const timed = async (...args: readonly string[]) => {
  const took: number[] = [];
  for (let run = 0; run < 15; run++) {
    signals.drain.throwIfAborted();
    const began = performance.now();
    const { stdout } = await gt(...args);
    took.push(Math.round(performance.now() - began));
    if (!stdout.includes('bench'))
      throw new Error(`gt ${args.join(' ')} does not tell of the convoy: ${stdout}`);
  }
  const sorted = took.toSorted((a, b) => a - b);
  return { min: sorted[0] ?? 0, median: sorted[7] ?? 0, max: sorted.at(-1) ?? 0 };
};

/** The share of a core that a running watch takes, per cent, and what the town's processes take meanwhile. */
const watched = async (command: string, args: readonly string[]) => {
  const child = spawn(command, args, {
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, TERM: 'xterm', COLUMNS: '120', LINES: '40' },
  });
  try {
    // The first looks load and compile.
    await sleep(8_000);
    const pids = [child.pid ?? 0, ...descendantsOf(child.pid ?? 0)];
    const ms = Number(values.seconds) * 1_000;
    const [watch, town] = await Promise.all([cpuShare(pids, ms), cpuShare(await townPids(), ms)]);
    return { watch: round(watch), town: round(town) };
  } finally {
    child.kill('SIGINT');
  }
};

const townPids = async (): Promise<readonly number[]> =>
  (await readRecord(join(folder, 'home')))?.pids.map(({ pid }) => pid) ?? [];

const working = async (): Promise<void> => {
  for (;;) {
    signals.drain.throwIfAborted();
    const { stdout } = await gt('convoy', 'status', 'bench', '--json');
    const { data } = JSON.parse(stdout) as { data: ConvoyStatus | null };
    const states = data?.epics.flatMap((epic) => epic.beads.map(({ state }) => state)) ?? [];
    if (
      states.filter((state) => state === 'landed').length >= landsAtOnce &&
      host.requests.length >= landsAtOnce + 16
    )
      return;
    await sleep(1_000);
  }
};

const round = (value: number): number => Math.round(value * 10) / 10;

try {
  const up = await gt('up', '--detach', '--no-ui');
  if (up.exitCode !== 0) throw new Error(up.stderr);
  await gt('convoy', 'launch', 'plan.yaml');
  await working();
  const idle = round(await cpuShare(await townPids(), 10_000));
  const report = {
    beads,
    status: await timed('status'),
    convoyStatus: await timed('convoy', 'status', 'bench'),
    watchPiped: await watched(process.execPath, [script, 'convoy', 'watch', 'bench']),
    watchOnTerminal: await watched('script', [
      '-qfec',
      `"${process.execPath}" "${script}" convoy watch bench`,
      '/dev/null',
    ]),
    townIdle: idle,
  };
  const good =
    [report.status, report.convoyStatus].every(({ median }) => median < floors.ms) &&
    [report.watchPiped, report.watchOnTerminal].every(({ watch }) => watch < floors.cpuPercent);
  if (values.json) console.log(JSON.stringify({ ...report, floors, good }));
  else {
    for (const [name, { min, median, max }] of Object.entries({
      'gt status': report.status,
      'gt convoy status': report.convoyStatus,
    }))
      console.log(`${name}: ${median} ms (${min} to ${max}), ${beads} beads`);
    console.log(
      `gt convoy watch, piped: ${report.watchPiped.watch} % of a core; on a terminal: ${report.watchOnTerminal.watch} %`,
    );
    console.log(
      `the town meanwhile: ${report.watchPiped.town} % and ${report.watchOnTerminal.town} %, unwatched ${idle} %`,
    );
    console.log(
      good ? 'Below the floors.' : `NOT below the floors: ${floors.ms} ms, ${floors.cpuPercent} %.`,
    );
  }
  process.exitCode = good ? 0 : 1;
} finally {
  ended.resolve('');
  await gt('down', '--now');
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
