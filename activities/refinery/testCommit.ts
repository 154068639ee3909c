import { joinTests } from '../../workflows/domain/gateTests.ts';
import type { GateFailure, GateReport, TestCommit } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { type GateRun, gateHash, gateReport } from '../gates/index.ts';
import { gateMachine } from '../gates/machine.ts';
import { readTree } from '../gates/tree.ts';
import { resolveObject } from '../git/objects.ts';
import type { Bench, RefineryDeps } from './bench.ts';
import { greensOf } from './greens.ts';
import { openSlot } from './slots.ts';

/** Runs all gates of the rig on a commit in a clean slot (G2). Only greens are remembered, by (gate hash, tree). */
export const testCommit = async (
  bench: Bench,
  deps: RefineryDeps,
  request: TestCommit,
  onProgress: () => void,
): Promise<GateReport> => {
  const { tree } = request;
  await checkRequest(bench, request);
  const greens = greensOf(deps.home, bench.rig.name);
  const machine = await gateMachine(await deps.runner.sandboxRung(bench.rig));
  if (request.run === 1 && (await greens.has(request.gateHash, tree, machine))) {
    return { verdict: 'green', tree, gateHash: request.gateHash, ms: 0, cached: true };
  }
  using slot = await openSlot(bench, deps.home, request.commit);
  await checkSlot(bench, slot.dir, request);
  const run = await runAll(bench, deps, slot.dir, onProgress);
  // A test that moved HEAD of its slot was not a test of this commit.
  await checkSlot(bench, slot.dir, request);
  if (run.verdict === 'green') await greens.add(request.gateHash, tree, run.ms, machine);
  // Once may be a flake.
  else if (request.run > 1) await greens.addRed(request.gateHash, tree);
  return gateReport(run, tree, request.gateHash);
};

/**
 * One gate after the other, each on the tracked files as committed: a formatter that repairs its tree must not make the
 * next gate green. A timeout or a flood ends the run, since what hung once would cost the same again.
 */
const runAll = async (
  bench: Bench,
  deps: RefineryDeps,
  dir: string,
  onProgress: () => void,
): Promise<GateRun> => {
  const runs: GateRun[] = [];
  for (const { name } of bench.rig.gates) {
    const { rig, signal } = bench;
    const run = await deps.runner.runGates({ rig, dir, names: [name], signal, onProgress });
    runs.push(run);
    if (run.failures.some((failure) => endsRun.has(failure.kind))) break;
  }
  const red = runs.flatMap((run) => run.feedback ?? []);
  const [first] = red;
  const last = red.at(-1)?.failure;
  // That no test ran is told where nothing else is wrong.
  const failure = last === 'NoTestsRan' && red.some((one) => one.failure !== last) ? undefined : last;
  return {
    verdict: first === undefined ? 'green' : 'red',
    ms: runs.reduce((sum, run) => sum + run.ms, 0),
    gates: runs.flatMap((run) => run.gates),
    failures: runs.flatMap((run) => run.failures),
    tests: joinTests(runs.map(({ verdict, tests }) => ({ red: verdict === 'red', tests }))),
    feedback: first && {
      kind: 'refinery',
      summary: red
        .map((one) => one.summary)
        .join('; ')
        .slice(0, 240),
      ref: red.length === 1 ? first.ref : await joined(deps, red),
      ...(failure === undefined ? {} : { failure }),
    },
  };
};

const endsRun: ReadonlySet<GateFailure['kind']> = new Set(['timeout', 'flood', 'setup']);

const joined = async (deps: RefineryDeps, red: readonly { readonly ref: string }[]): Promise<string> => {
  const texts = await Promise.all(red.map((one) => deps.blobs.get(one.ref)));
  return deps.blobs.put(texts.join('\n\n'));
};

const checkRequest = async (bench: Bench, request: TestCommit): Promise<void> => {
  const now = gateHash(bench.rig);
  if (request.gateHash !== now) {
    throw fail('RigUnusable', {
      what: `The gates of rig ${bench.rig.name} changed after this group was composed.`,
      evidence: `composed for ${request.gateHash}, now ${now}`,
      next: 'The queue composes it again by itself.',
    });
  }
  const tree = (await resolveObject(bench.repo, `${request.commit}^{tree}`, bench.signal))?.oid;
  if (tree === request.tree) return;
  throw fail('GitFailed', {
    what: 'The commit to be tested does not have the tree that was composed.',
    evidence: `${request.commit}^{tree} is ${tree ?? 'not there'}, not ${request.tree}`,
    next: 'The queue composes the group again by itself.',
  });
};

const checkSlot = async (bench: Bench, dir: string, request: TestCommit): Promise<void> => {
  const { head, tree } = await readTree({
    dir,
    repo: bench.repo,
    caches: bench.rig.caches,
    sparse: bench.rig.sparse,
    signal: bench.signal,
  });
  if (head === request.commit && tree === request.tree) return;
  throw fail('WorktreeLost', {
    what: 'The test slot is not on the commit that it tests.',
    evidence: `${dir}: HEAD is ${head}, wanted ${request.commit}`,
    next: 'The town tests again in a clean slot. If this repeats, a gate moves HEAD: look at what it does to git.',
  });
};
