/**
 * `npm run bench:landing -- [--branches 200] [--bad 0.05] [--conflicts 0.02] [--gate sleep|cpu] [--slots N] [--seconds S] [--seed N] [--json]`:
 * real branches of a real repository through the real workflow on a real Temporal server, with gates that take real (short) time.
 * `sleep` stands for many machines, with 16 slots; `cpu` is this machine alone, with as many slots as it has cores. Both are compared
 * with one branch after the other, measured in the same run. Afterwards every first-parent commit of the target is checked again.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { spawnApart } from '../../activities/git/spawner.ts';
import { type RefineryTown, refineryTown } from '../activities/refinery/town.ts';
import { repoAt } from '../support/repo.ts';
import { BadInput, orRefuse } from './badInput.ts';
import { baseFiles, type Planted, plantBranches } from './landing/branches.ts';
import { type Landed, landAll } from './landing/queueTown.ts';

const { values } = parseArgs({
  options: {
    branches: { type: 'string', default: '200' },
    bad: { type: 'string', default: '0.05' },
    conflicts: { type: 'string', default: '0.02' },
    gate: { type: 'string', default: 'sleep' },
    slots: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

/** Branches of the comparison: each takes a gate's whole time. */
const oneByOne = 8;

const main = async (): Promise<void> => {
  // As a town's worker does.
  spawnApart();
  const { gate } = values;
  if (gate !== 'sleep' && gate !== 'cpu') throw refused('gate', String(gate), 'sleep or cpu');
  const count = numberOf('branches', 1, 5_000);
  const seconds = numberOf('seconds', 0.05, 600);
  const slots =
    values.slots === undefined ? (gate === 'sleep' ? 16 : availableParallelism()) : numberOf('slots', 1, 64);
  const rig = {
    gates: [
      {
        name: 'test',
        run: `${gate === 'sleep' ? `sleep ${seconds}` : `node burn.mjs ${seconds}`} && sh check.sh`,
        timeoutMs: 600_000,
      },
    ],
  };
  await using town = await refineryTown({ files: baseFiles(count) as Record<string, string>, rig, slots });
  const planted = await plantBranches(town, {
    ...{ count, bad: numberOf('bad', 0, 0.5), conflicts: numberOf('conflicts', 0, 0.5) },
    seed: numberOf('seed', 0, 2 ** 31),
  });
  await using other = await refineryTown({ files: baseFiles(count) as Record<string, string>, rig });
  const serialMs = await landOneByOne(other);
  const landed = await landAll(town, planted, slots);
  const faults = [...faultsOf(planted, landed), ...(await redCommits(town))];
  report({ gate, slots, seconds, count, serialMs, landed, faults });
  if (faults.length > 0) process.exitCode = 1;
};

const refused = (name: string, text: string, expected: string): Error =>
  new BadInput({
    what: `--${name} ${text} says nothing that can be measured.`,
    evidence: `expected: ${expected}`,
    next: 'Nothing was run. The head of test/bench/landing.ts has all options.',
  });

const numberOf = (
  name: 'branches' | 'bad' | 'conflicts' | 'slots' | 'seconds' | 'seed',
  least: number,
  most: number,
): number => {
  const text = values[name] ?? '';
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most))
    throw refused(name, text, `a number from ${least} to ${most}`);
  return value;
};

/** Mean time of a landing when each branch is composed, tested and landed by itself, ms. */
const landOneByOne = async (town: RefineryTown): Promise<number> => {
  const branches = [];
  for (let at = 0; at < oneByOne; at++)
    branches.push(await town.bead(`s${at}`, { [`src/serial/${at}.txt`]: 'good\n' }));
  const begun = performance.now();
  for (const one of branches) await town.through(one);
  return (performance.now() - begun) / oneByOne;
};

/** What became of branches otherwise than it had to. */
const faultsOf = (planted: readonly Planted[], { verdicts }: Landed): readonly string[] => {
  const by = new Map(verdicts.map((one) => [one.bead, one]));
  const hasLanded = ({ submission }: Planted): boolean => by.get(submission.bead)?.outcome === 'landed';
  return planted.flatMap((one, at) => {
    const verdict = by.get(one.submission.bead);
    const type = verdict?.outcome === 'sentBack' ? verdict.failure.type : verdict?.outcome;
    const { bead } = one.submission;
    if (one.is === 'good') return type === 'landed' ? [] : [`${bead} is good, and was answered with ${type}`];
    if (one.is === 'bad') return type === 'GateRed' ? [] : [`${bead} is bad, and was answered with ${type}`];
    const pair = planted[one.with ?? at] as Planted;
    if (hasLanded(one) === hasLanded(pair)) return [`of ${bead} and ${pair.submission.bead} one had to land`];
    return type === 'landed' || type === 'MergeConflict'
      ? []
      : [`${bead} conflicts, and was answered with ${type}`];
  });
};

/** First-parent commits of the target that fail their check, each checked out in a work tree of its own. */
const redCommits = async ({ remote }: RefineryTown): Promise<readonly string[]> => {
  const commits = (await remote.git('rev-list', '--first-parent', '--reverse', 'main')).split('\n');
  const folder = await mkdtemp(join(tmpdir(), 'gastown-green-'));
  const place = join(folder, 'tree');
  const red: string[] = [];
  try {
    await remote.git('worktree', 'add', '-q', '--detach', place, commits[0] ?? 'main');
    for (const commit of commits) {
      const tree = repoAt(place);
      await tree.git('checkout', '-q', '--force', '--detach', commit);
      await tree.git('clean', '-ffdxq');
      const { exitCode, stdout } = await execa('sh', ['check.sh'], { cwd: place, reject: false });
      if (exitCode !== 0) red.push(`${commit} on main is red: ${stdout}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return red;
};

interface Measured {
  readonly gate: string;
  readonly slots: number;
  readonly seconds: number;
  readonly count: number;
  readonly serialMs: number;
  readonly landed: Landed;
  readonly faults: readonly string[];
}

const report = ({ gate, slots, seconds, count, serialMs, landed, faults }: Measured): void => {
  const good = landed.verdicts.filter(({ outcome }) => outcome === 'landed').length;
  const figures = {
    ...{ gate, slots, seconds, branches: count, landed: good },
    minutes: landed.ms / 60_000,
    landedPerGate: good / (landed.ms / (seconds * 1_000)),
    timesOneByOne: good / (landed.ms / serialMs),
    oneByOneSeconds: serialMs / 1_000,
    eventsPerBranch: landed.events / count,
    historyBytesPerBranch: landed.bytes / count,
    ...{ runs: landed.runs, faults },
  };
  if (values.json) return void console.log(JSON.stringify(figures, undefined, 2));
  console.log(
    [
      `${count} branches, ${slots} slots, gates of ${seconds} s (${gate}): ${good} landed in ${(landed.ms / 1_000).toFixed(1)} s`,
      `  ${figures.landedPerGate.toFixed(1)} landed in the time of one gate`,
      `  ${figures.timesOneByOne.toFixed(1)} times as fast as one after the other (${figures.oneByOneSeconds.toFixed(2)} s each, measured on ${oneByOne})`,
      `  ${figures.eventsPerBranch.toFixed(1)} history events and ${(figures.historyBytesPerBranch / 1024).toFixed(1)} KiB for each branch, in ${landed.runs} runs of the workflow`,
      faults.length === 0
        ? '  every commit on main is green; every planted fault came back, and nobody else did'
        : faults.map((fault) => `  WRONG: ${fault}`).join('\n'),
    ].join('\n'),
  );
};

await orRefuse(main);
