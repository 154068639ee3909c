import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Counts } from '../../../activities/counts/counts.ts';
import { createGateRunner } from '../../../activities/gates/index.ts';
import type { Home } from '../../../activities/home.ts';
import { type Blobs, createBlobs } from '../../../activities/ledger/blobs.ts';
import {
  createLandActivities,
  createRefineryActivities,
  type RefineryDeps,
} from '../../../activities/refinery/index.ts';
import { bareRung } from '../../../activities/sandbox/index.ts';
import type { Submission } from '../../../workflows/domain/queue/submission.ts';
import type { RigSettings } from '../../../workflows/domain/rig.ts';
import type {
  ComposedGroup,
  GateReport,
  Landing,
  LandPort,
  RefineryPort,
  RefineryTarget,
} from '../../../workflows/ports.ts';
import { type Files, repoAt, type TempRepo, tempHome, tempRepo } from '../../support/repo.ts';

/** A rig with its remote and the town's own copy, and the Refinery's activities on it. */
export interface RefineryTown extends AsyncDisposable {
  readonly home: Home;
  readonly blobs: Blobs;
  readonly remote: TempRepo;
  /** The town's bare copy. */
  readonly bare: TempRepo;
  readonly rig: RigSettings;
  readonly target: RefineryTarget;
  /** Makes a bead's branch with one commit on `base` (default: the remote's tip) and gives its submission. */
  bead(name: string, files: Files, base?: string): Promise<Submission>;
  compose(...members: readonly Submission[]): Promise<ComposedGroup>;
  /** Tests the commit of a group, or its base. */
  test(group: ComposedGroup, run?: number, of?: 'base' | 'group'): Promise<GateReport>;
  land(group: ComposedGroup): Promise<Landing>;
  /** Composes, tests and lands; fails when the gates are red. */
  through(...members: readonly Submission[]): Promise<ComposedGroup>;
  /** What its activities are made of, for Workers of one's own. */
  readonly deps: RefineryDeps;
  readonly refinery: RefineryPort;
  readonly lander: LandPort;
}

export interface RefineryTownInit {
  readonly remote?: TempRepo;
  readonly files?: Files;
  readonly rig?: Partial<RigSettings>;
  readonly target?: Partial<RefineryTarget>;
  readonly counts?: Counts;
  /** Tests at once, as the Refinery is told. */
  readonly slots?: number;
}

const passes = { name: 'test', run: 'test ! -e red', timeoutMs: 20_000 };

export const refineryTown = async (init: RefineryTownInit = {}): Promise<RefineryTown> => {
  const home = await tempHome();
  const remote = init.remote ?? (await tempRepo({ bare: true, files: init.files ?? { 'a.txt': 'a\n' } }));
  const rig: RigSettings = {
    name: 'rig',
    source: remote.path,
    branch: 'main',
    land: { mode: 'push' },
    setup: undefined,
    setupTimeoutMs: 20_000,
    caches: [],
    cacheKey: [],
    sparse: [],
    gates: [passes],
    network: false,
    cloud: 'never',
    sandbox: 'off',
    maxWorkers: 4,
    ...init.rig,
  };
  const path = home.repo('rig');
  await mkdir(path, { recursive: true });
  await mkdir(dirname(home.slot('rig', 0)), { recursive: true });
  const bare = repoAt(path);
  await bare.git('init', '-q', '--bare', '-b', 'none');
  await bare.git('remote', 'add', 'origin', remote.path);
  await bare.git('fetch', '-q', 'origin', '+refs/heads/*:refs/remotes/origin/*');
  const target: RefineryTarget = { rig: 'rig', target: 'main', upstream: undefined, ...init.target };
  if (rig.land.mode === 'local') await bare.git('branch', target.target, 'refs/remotes/origin/main');

  const blobs = createBlobs(home.blobs);
  // These gates are our own text, and the sandbox has tests of its own.
  const counted = init.counts === undefined ? {} : { counts: init.counts };
  const runner = createGateRunner({
    home,
    blobs,
    ...counted,
    rungFor: async () => bareRung,
  });
  const slots = init.slots === undefined ? {} : { slots: init.slots };
  const deps: RefineryDeps = { home, rigs: new Map([['rig', rig]]), blobs, runner, ...counted, ...slots };
  const refinery = inActivity(createRefineryActivities(deps));
  const lander = inActivity(createLandActivities(deps));

  const town: RefineryTown = {
    home,
    blobs,
    remote,
    bare,
    rig,
    target,
    deps,
    refinery,
    lander,

    async bead(name, files, base) {
      const from = base ?? (await remote.revParse('main'));
      await bare.git('fetch', '-q', 'origin', '+refs/heads/*:refs/remotes/origin/*');
      await bare.git('branch', '-f', `gt/c/e/${name}`, from);
      const head = await bare.commitTo(`gt/c/e/${name}`, files, `work on ${name}`);
      return submission(name, head, from);
    },

    compose: (...members) => refinery.composeGroup({ ...target, members }),

    test: (group, run = 1, of = 'group') => {
      const { gateHash } = group;
      const commit = of === 'base' ? group.base : (group.commit as string);
      const tree = of === 'base' ? group.baseTree : (group.tree as string);
      return refinery.testCommit({ ...target, commit, tree, gateHash, run });
    },

    land: ({ base, commit, members }) => lander.land({ ...target, base, commit: commit as string, members }),

    async through(...members) {
      const group = await town.compose(...members);
      const report = await town.test(group);
      if (report.verdict !== 'green') throw new Error(`red: ${report.feedback.summary}`);
      const landing = await town.land(group);
      if (landing.outcome !== 'landed') throw new Error('stale');
      return group;
    },

    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]();
      await remote[Symbol.asyncDispose]();
    },
  };
  return town;
};

export const submission = (name: string, head: string, base: string, attempt = 1): Submission => ({
  bead: `c/e/${name}`,
  attempt,
  head,
  base,
  title: `Add ${name}`,
  taskRef: `task-of-${name}`,
  polecat: 'Rusty',
  model: 'qwen',
  gateHash: 'g',
  workflowId: `bead/c/e/${name}`,
});

/** Runs every method as Temporal does: with a heartbeat to beat and a signal to hear. */
const inActivity = <T extends object>(activities: T): T =>
  Object.fromEntries(
    Object.entries(activities).map(([name, run]) => [
      name,
      (...args: unknown[]) => quiet().run(run, ...args),
    ]),
  ) as T;

/** An activity's surroundings without the SDK's warnings of failures that are expected. */
export const quiet = (): MockActivityEnvironment =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
