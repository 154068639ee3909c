/**
 * `npm run bench:sandbox [-- --runs 100] [--json]`: what the sandbox costs a command. For each rung that works here, turn by turn with
 * plain spawns of the same command: until the command says its first word (the start), and until the run is over and
 * cleared away, each less what the plain spawn takes. Fails when a start takes 30 ms or more at the median, unless the
 * machine is busy: then it says so. A run with the network adds the start of a Node process, and has no floor.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { candidateRungs, probe } from '../../activities/sandbox/detect.ts';
import { bareRung, runSandboxed, type SandboxRun } from '../../activities/sandbox/index.ts';

const floorMs = 30;
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100' }, json: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
const command = ['sh', '-c', 'echo up'];

interface Times {
  readonly start: number[];
  readonly whole: number[];
}

const plainly = async ({ start, whole }: Times): Promise<void> => {
  const begun = performance.now();
  const child = spawn('sh', command.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.once('data', () => start.push(performance.now() - begun));
  await once(child, 'close');
  whole.push(performance.now() - begun);
};

const sandboxed = async (
  run: Omit<SandboxRun, 'command' | 'timeoutMs'>,
  { start, whole }: Times,
): Promise<void> => {
  const begun = performance.now();
  let first: number | undefined;
  const result = await runSandboxed({
    ...{ ...run, command, timeoutMs: 60_000 },
    onOutput: () => (first ??= performance.now() - begun),
  });
  if (result.exitCode !== 0 || first === undefined) throw new Error(`it did not run: ${result.output}`);
  start.push(first);
  whole.push(performance.now() - begun);
};

const at = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
const rounded = (ms: number): number => Math.round(ms * 10) / 10;

const home = realpathSync(mkdtempSync(join(tmpdir(), 'gastown-bench-')));
try {
  const tree = join(home, 'rigs/app/worktrees/c/e/b');
  const repo = join(home, 'rigs/app/repo.git');
  for (const folder of [tree, join(repo, 'worktrees/b')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(tree, '.git'), `gitdir: ${repo}/worktrees/b\n`);
  const base = {
    cwd: tree,
    writable: [tree],
    readOnly: [repo],
    hidden: [home],
    scratch: join(home, 'scratch'),
  };
  const candidates = await candidateRungs();
  const failures = await Promise.all(candidates.map(probe));
  const working = candidates.filter((_, index) => failures[index] === undefined);
  const kinds = [
    ...[...working, bareRung].map((rung) => ({
      name: rung.userNamespace ? `${rung.name} (user namespace)` : rung.name,
      run: { ...base, rung, network: false as const },
      hasFloor: true,
    })),
    ...working.slice(0, 1).map((rung) => ({
      name: `${rung.name}, with the network`,
      run: { ...base, rung, network: ['registry.example.org'] },
      hasFloor: false,
    })),
  ].map((kind) => ({ ...kind, times: { start: [], whole: [] } as Times }));
  const plain: Times = { start: [], whole: [] };
  for (let count = -3; count < runs; count += 1) {
    // The first few make what later ones find.
    const into = (times: Times): Times => (count < 0 ? { start: [], whole: [] } : times);
    await plainly(into(plain));
    for (const { run, times } of kinds) await sandboxed(run, into(times));
  }
  const load = loadavg()[0] ?? 0;
  const busy = load > availableParallelism();
  const over = (times: readonly number[], base: readonly number[], share: number): number =>
    rounded(at(times, share) - at(base, share));
  const report = {
    runs,
    load: rounded(load),
    floorMs,
    plainMs: rounded(at(plain.whole, 0.5)),
    rungs: kinds.map(({ name, hasFloor, times }) => ({
      ...{ name, hasFloor },
      startMs: { median: over(times.start, plain.start, 0.5), p95: over(times.start, plain.start, 0.95) },
      wholeMs: { median: over(times.whole, plain.whole, 0.5), p95: over(times.whole, plain.whole, 0.95) },
    })),
  };
  const missed = report.rungs.filter(({ hasFloor, startMs }) => hasFloor && startMs.median >= floorMs);
  if (values.json) console.log(JSON.stringify(report));
  else {
    console.log(
      `${runs} runs of each, turn by turn; a plain spawn takes ${report.plainMs} ms. More than that, ms:`,
    );
    console.log(`${'rung'.padEnd(32)}start: median   95 %    whole run: median   95 %`);
    for (const { name, startMs, wholeMs } of report.rungs) {
      const cells = [startMs.median, startMs.p95, wholeMs.median, wholeMs.p95].map((ms) => ms.toFixed(1));
      const [a = '', b = '', c = '', d = ''] = cells;
      console.log(`${name.padEnd(32)}${a.padStart(13)}${b.padStart(7)}${c.padStart(21)}${d.padStart(7)}`);
    }
    for (const { name } of missed) console.log(`${name}: a start takes ${floorMs} ms or more.`);
    if (busy) console.log(`The machine is busy (load ${report.load}): the figures say little.`);
  }
  process.exitCode = missed.length > 0 && !busy ? 1 : 0;
} finally {
  rmSync(home, { recursive: true, force: true });
}
