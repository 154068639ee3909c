/**
 * `npm run bench:town -- --beads 200 --parallel 50 [--shape wide|chain] [--json]`: a whole town under load: real
 * Temporal, real git, worktrees, sandbox and slots as always; a model host that answers at once and a trivial gate.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startScriptedHost } from '../../deploy/sample/scriptedHost.ts';
import { readRecord } from '../../deploy/town/record.ts';
import { stopSignals } from '../../deploy/town/stopSignals.ts';
import { tempRepo } from '../support/repo.ts';
import { orRefuse } from './badInput.ts';
import { openBenchTown } from './benchTown.ts';
import { eventCounts, landingGaps, summary } from './histories.ts';
import { watchMemory } from './memory.ts';
import { type TownArguments, townArguments } from './townArguments.ts';

const asked = await orRefuse(() => townArguments(process.argv.slice(2)));
if (asked.work.kind === 'fleet') process.exit(await benchFleet(asked.work));
const { beads, parallel, shape, keep } = asked.work;
const convoy = 'bench';

const plan = (): object => ({
  convoy,
  rig: 'rig',
  beads: Array.from({ length: beads }, (_, index) => ({
    id: `b${index}`,
    title: `Bead ${index}`,
    task: `TASK-OF-b${index}. Write a file.`,
    files: [`work/b${index}.txt`],
    ...(shape === 'chain' && index > 0 ? { needs: [`b${index - 1}`] } : {}),
  })),
});

const folder = await mkdtemp(join(tmpdir(), 'gastown-bench-'));
const repo = await tempRepo({
  bare: true,
  files: { 'README.md': '# bench\n', 'check.sh': 'test -f README.md\n' },
});
await using host = await startScriptedHost(
  (messages) => {
    const bead = /TASK-OF-(b\d+)\./.exec(messages.map(({ content }) => content).join('\n'))?.[1];
    if (bead === undefined) return 'ok';
    return `work/${bead}.txt\n\`\`\`\n${bead}\n\`\`\`\n`;
  },
  { models: ['bench'], context: 32_768, pieceMs: 0 },
);
await writeFile(join(folder, 'plan.yaml'), stringify(plan()));
await writeFile(
  join(folder, 'gastown.yaml'),
  stringify({
    town: { name: 'bench', home: join(folder, 'home'), timeZone: 'UTC' },
    hosts: { host: { kind: 'openai', url: host.url, slots: 16 } },
    models: { bench: { name: 'bench', context: 32_768, hosts: ['host'] } },
    rigs: {
      rig: {
        path: repo.path,
        gates: [{ name: 'check', run: 'sh check.sh' }],
        limits: { maxWorkers: parallel },
      },
    },
    limits: { maxParallel: parallel },
  }),
);

using signals = stopSignals();
const { town, config, launch } = await openBenchTown(folder, signals);
try {
  const pids =
    (await readRecord(config.home))?.pids.filter(({ role }) => role === 'town' || role === 'hosts') ?? [];
  const memory = watchMemory(pids.map(({ pid }) => pid));
  const began = performance.now();
  const launched = await launch();
  const result = (await launched.handle.result()) as { landed: number };
  const seconds = (performance.now() - began) / 1_000;
  const workerPeakMiB = memory.stop();

  const onTarget = Number(await repo.git('rev-list', '--count', '--no-merges', 'main')) - 1;
  const report = {
    landed: Math.min(result.landed, onTarget),
    landedPerSecond: round(result.landed / seconds),
    seconds: round(seconds),
    historyEvents: await eventCounts(town.client, { convoy, beads }),
    workerPeakMiB,
    ...(shape === 'chain' ? await landingGaps(town.client, { convoy, beads }) : {}),
  };
  console.log(asked.json ? JSON.stringify(report) : summary(report));
  process.exitCode = report.landed === beads ? 0 : 1;
} finally {
  await town.stop();
  await repo[Symbol.asyncDispose]();
  if (keep) console.error(`kept: ${folder}`);
  else await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** `--fleet SCENARIO [--scale 60]`: see `townFleet.ts`. */
async function benchFleet(work: Extract<TownArguments['work'], { kind: 'fleet' }>): Promise<number> {
  const { runTownFleet } = await import('./townFleet.ts');
  const { scenarioNamed } = await import('./fleet/scenarioFile.ts');
  const scenario = await orRefuse(() => scenarioNamed(work.scenario, work.loaded));
  const run = await runTownFleet(scenario, work.scale, work.svg);
  console.log(asked.json ? JSON.stringify(run) : summary(run));
  // A lost call would have been asked again.
  return run.landed === run.agents && run.strangers === 0 && run.calls === run.agents ? 0 : 1;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
