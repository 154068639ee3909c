import { createHash } from 'node:crypto';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Counts } from '../../../activities/counts/counts.ts';
import { createGateRunner } from '../../../activities/gates/index.ts';
import { type Home, homeAt } from '../../../activities/home.ts';
import { type Blobs, createBlobs } from '../../../activities/ledger/blobs.ts';
import { createRigActivities } from '../../../activities/rig/index.ts';
import type { BeadSpec } from '../../../workflows/domain/bead/bead.ts';
import { type BeadRef, beadKey, home as homePlace } from '../../../workflows/domain/naming.ts';
import type { RigSettings } from '../../../workflows/domain/rig.ts';
import type { OpenBead, OpenedBead, OwnBranchPort, RigPort } from '../../../workflows/ports.ts';
import { repoAt, type TempRepo, tempHome } from '../../support/repo.ts';

type Activity = (request: never) => Promise<unknown>;
type RigActivities = Pick<RigPort, 'openRig' | 'openBead' | 'findLanded' | 'rebaseBead' | 'closeBead'> &
  OwnBranchPort;

/** A town's home with one rig, and the rig's activities run as Temporal runs them. */
export interface Town extends AsyncDisposable {
  readonly home: Home;
  readonly blobs: Blobs;
  readonly rig: RigActivities;
  /** The town's bare copy. */
  readonly bare: TempRepo;
  /** Opens the rig for convoy `c`. */
  open(planHash?: string): ReturnType<RigPort['openRig']>;
  /** Opens a bead and expects that it has not landed. */
  openBead(bead: string): Promise<Exclude<OpenedBead, { landed: string }>>;
}

export const townWith = async (
  source: string,
  settings: Partial<RigSettings> = {},
  { linked = false, counts }: { readonly linked?: boolean; readonly counts?: Counts } = {},
): Promise<Town> => {
  const temporary = await tempHome();
  const home = linked ? homeAt(join(temporary.root, 'link')) : temporary;
  if (linked) {
    await mkdir(join(temporary.root, 'real'));
    await symlink('real', home.root);
  }
  const blobs = createBlobs(home.blobs);
  const rigs = new Map([['r', { ...rigSettings(source), ...settings }]]);
  const gates = createGateRunner({ home, blobs });
  const activities = createRigActivities({ home, rigs, blobs, gates, ...(counts && { counts }) });
  const rig = Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [
      name,
      (request: never) => new MockActivityEnvironment({}, { logger }).run(activity as Activity, request),
    ]),
  ) as unknown as RigActivities;
  return {
    home,
    blobs,
    rig,
    bare: repoAt(home.repo('r')),
    open: (planHash = 'p1') => rig.openRig({ rig: 'r', convoy: 'c', planHash }),
    async openBead(bead) {
      const opened = await rig.openBead(beadRequest(bead));
      if (opened.landed !== undefined) throw new Error(`${bead} has landed`);
      return opened;
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
};

/** Failures are results here; their warnings would bury the tests'. */
const logger = new DefaultLogger('ERROR');

export const rigSettings = (source: string): RigSettings => ({
  name: 'r',
  source,
  branch: 'main',
  land: { mode: 'push' },
  setup: undefined,
  setupTimeoutMs: 10_000,
  caches: ['node_modules'],
  cacheKey: [],
  sparse: [],
  gates: [{ name: 'true', run: 'true', timeoutMs: 10_000 }],
  network: false,
  cloud: 'never',
  sandbox: 'off',
  maxWorkers: 4,
});

export const beadRef = (bead: string): BeadRef => ({ convoy: 'c', epic: 'e', bead });

export const taskRefOf = (bead: string): string =>
  createHash('sha256').update(`task of ${bead}`).digest('hex');

export const beadRequest = (bead: string): OpenBead => ({
  bead: beadRef(bead),
  rig: 'r',
  target: 'main',
  place: homePlace,
  spec: specOf(bead),
});

const specOf = (bead: string): BeadSpec => ({
  id: bead,
  title: `Do ${bead}`,
  taskRef: taskRefOf(bead),
  needs: [],
  files: [],
  tier: undefined,
  gates: [],
  approvedFiles: [],
});

/** Commits to a bead's branch as a polecat does: the branch moves first, the worktree follows. */
export const work = async (
  town: Town,
  bead: string,
  files: Record<string, string | null>,
  message = `Do ${bead}\n\nBead: c/e/${bead}`,
): Promise<string> => {
  const head = await town.bare.commitTo(`gt/${beadKey(beadRef(bead))}`, files, message);
  await repoAt(town.home.worktree('r', beadRef(bead))).git('reset', '--hard', '--quiet');
  return head;
};

/** Lands files on the target as the Refinery does, a group commit with the bead's commit as its second parent. */
export const land = async (
  source: TempRepo,
  town: Town,
  bead: string,
  files: Record<string, string | null>,
): Promise<string> => {
  const tip = await source.revParse('main');
  const trailers = `Bead: c/e/${bead}\nBead-Task: ${taskRefOf(bead)}`;
  const commit = await source.commitTo('main', files, `Do ${bead}\n\n${trailers}`);
  const group = await source.git(
    'commit-tree',
    `${commit}^{tree}`,
    '-p',
    tip,
    '-p',
    commit,
    '-m',
    'Land a group',
  );
  await source.git('update-ref', 'refs/heads/main', group, commit);
  await town.bare.git('fetch', '-q', 'origin');
  await town.bare.git('update-ref', 'refs/gt/target/main', group);
  return commit;
};

/** The `Failure` that an activity threw. */
export const failureOf = async (
  promise: Promise<unknown>,
): Promise<{ type: string; what: string; evidence: string; next: string }> => {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) =>
      reason as { details?: { type: string; what: string; evidence: string; next: string }[] },
  );
  const [details] = 'details' in error ? (error.details ?? []) : [];
  if (details === undefined) throw error as Error;
  return details;
};
