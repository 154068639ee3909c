import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { LandPort, RefineryPort } from '../../workflows/ports.ts';
import { type Bench, benchOf, type RefineryDeps } from './bench.ts';
import { composeGroup } from './compose.ts';
import { countedTest } from './countTests.ts';
import { examine } from './examine.ts';
import { forwardUpstream } from './forward.ts';
import { land } from './land.ts';
import { composeUntested } from './override.ts';
import { testCommit } from './testCommit.ts';
import { testGroup } from './testGroup.ts';
import { keepVerdict } from './verdicts.ts';

export type { RefineryDeps } from './bench.ts';

/** The activities of queue `refinery.<rig>`. */
export const createRefineryActivities = (deps: RefineryDeps): RefineryPort => ({
  composeGroup: (request) => atBench(deps, request.rig, (bench) => composeGroup(bench, deps, request)),
  composeUntested: (request) => atBench(deps, request.rig, (bench) => composeUntested(bench, deps, request)),
  testCommit: (request) =>
    atBench(deps, request.rig, (bench) =>
      countedTest(
        { ...request, counts: deps.counts, signal: bench.signal },
        (report) => report,
        () => testCommit(bench, deps, request, () => heartbeat()),
      ),
    ),
  examine: (request) => atBench(deps, request.rig, (bench) => examine(bench, deps, request)),
  testGroup: (request) =>
    atBench(deps, request.rig, (bench) =>
      countedTest(
        { ...request, counts: deps.counts, signal: bench.signal },
        ({ report }) => report,
        () => testGroup(bench, deps, request, () => heartbeat()),
      ),
    ),
  keepVerdict: ({ rig, verdict }) => atBench(deps, rig, (bench) => keepVerdict(bench, verdict)),
  forwardUpstream: (request) => atBench(deps, request.rig, (bench) => forwardUpstream(bench, request)),
});

/** The activities of queue `land.<rig>`, which has one slot. */
export const createLandActivities = (deps: RefineryDeps): LandPort => ({
  land: (request) => atBench(deps, request.rig, (bench) => land(bench, deps, request)),
});

const atBench = async <T>(
  deps: RefineryDeps,
  rig: string,
  work: (bench: Bench) => Promise<T>,
): Promise<T> => {
  const beat = setInterval(() => heartbeat(), deps.heartbeatEveryMs ?? 2_000);
  try {
    return await work(benchOf(deps, rig, cancellationSignal()));
  } finally {
    clearInterval(beat);
  }
};
