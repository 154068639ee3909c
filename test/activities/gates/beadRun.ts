import { MockActivityEnvironment } from '@temporalio/testing';
import { createGateActivities, createGateRunner } from '../../../activities/gates/index.ts';
import type { RigSettings } from '../../../workflows/domain/rig.ts';
import type { GateReport, RunGates } from '../../../workflows/ports.ts';
import { makeTestRig, type TestRig } from './rig.ts';

export interface BeadRun extends TestRig {
  /** One run of the activity on the bead's present work, as a bead asks for it. */
  readonly runGates: (more?: Partial<RunGates>) => Promise<GateReport>;
  /** What the polecat is told of a red run. */
  readonly told: (report: GateReport) => Promise<string>;
  readonly tip: () => string;
  readonly show: (path: string) => string;
}

/** A rig whose bead has work on its branch: `base` files first, `work` in a commit on top. */
export const beadRun = (
  base: Readonly<Record<string, string>>,
  work: Readonly<Record<string, string>>,
  settings: Partial<RigSettings>,
): BeadRun => {
  const of = makeTestRig(base, settings);
  const activities = createGateActivities({
    home: of.home,
    blobs: of.blobs,
    rigs: new Map([['app', of.rig]]),
    runner: createGateRunner({ home: of.home, blobs: of.blobs, outputLimit: 100_000 }),
    heartbeatEveryMs: 50,
  });
  const head = Object.keys(work).length === 0 ? of.head : of.commit(of.dir, work);
  const request = { bead: of.ref, rig: 'app', target: 'main', place: 'home', base: of.head, gates: [] };
  return {
    ...of,
    head,
    runGates: (more = {}) =>
      new MockActivityEnvironment().run(activities.runGates, { ...request, head, ...more }),
    told: async (report) => (report.verdict === 'red' ? of.blobs.get(report.feedback.ref) : ''),
    tip: () => of.git(of.home.repo('app'), 'rev-parse', 'refs/heads/gt/c/e/b'),
    show: (path) => of.git(of.dir, 'show', `HEAD:${path}`),
  };
};

export const step = (run: string, timeoutMs = 20_000): { run: string; timeoutMs: number } => ({
  run,
  timeoutMs,
});
