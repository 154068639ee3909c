import { Context } from '@temporalio/activity';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import type { DirectPort, OwnBranchPort, RigPort } from '../../workflows/ports.ts';
import type { Counts } from '../counts/counts.ts';
import { fail } from '../failure.ts';
import type { GateRunner } from '../gates/index.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { closeBead } from './closeBead.ts';
import { findLandedBead } from './landed.ts';
import { openBead } from './openBead.ts';
import { openDirect } from './openDirect.ts';
import { openRig } from './openRig.ts';
import { closeSubmission, openSubmission } from './openSubmission.ts';
import { rebaseBead } from './rebaseBead.ts';
import { roomFault } from './room.ts';
import { sweepRig } from './sweep.ts';

export interface RigParts {
  readonly home: Home;
  readonly rigs: ReadonlyMap<string, RigSettings>;
  readonly blobs: Blobs;
  readonly gates: Pick<GateRunner, 'sandboxRung' | 'prepareTree'>;
  /** New beads wait while the disk of the home has less free. */
  readonly minFreeBytes?: number;
  readonly counts?: Counts;
}

/** What the operations of one rig work with. */
export interface Rig {
  readonly settings: RigSettings;
  readonly home: Home;
  /** The town's bare repository of it. */
  readonly repo: string;
  readonly blobs: Blobs;
  readonly gates: RigParts['gates'];
  readonly counts?: Counts | undefined;
  /** Aborts when the activity is cancelled. */
  readonly signal: AbortSignal;
}

/** What rigs and worktrees need of git. The polecat's part of `RigPort` is `createPolecatActivities`. */
export const createRigActivities = (
  parts: RigParts,
): Pick<RigPort, 'openRig' | 'openBead' | 'findLanded' | 'rebaseBead' | 'closeBead' | 'roomForBead'> &
  OwnBranchPort &
  DirectPort => {
  const swept = new Map<string, Promise<void>>();
  const rigOf = async (name: string): Promise<Rig> => {
    const settings = parts.rigs.get(name);
    if (settings === undefined) throw unknownRig(name, parts.rigs);
    // What an earlier town left behind, once for each life of this process. What stays is met again where it is in the way.
    if (!swept.has(name))
      swept.set(
        name,
        sweepRig(parts.home, name).catch(() => {}),
      );
    await swept.get(name);
    const signal = Context.current().cancellationSignal;
    return {
      settings,
      home: parts.home,
      repo: parts.home.repo(name),
      blobs: parts.blobs,
      gates: parts.gates,
      counts: parts.counts,
      signal,
    };
  };
  return {
    openRig: async (request) => openRig(await rigOf(request.rig), request),
    openBead: async (request) => openBead(await rigOf(request.rig), request),
    findLanded: async (request) => (await findLandedBead(await rigOf(request.rig), request)) ?? null,
    rebaseBead: async (request) => rebaseBead(await rigOf(request.rig), request),
    closeBead: async (request) => closeBead(await rigOf(request.rig), request),
    openDirect: async (request) => openDirect(await rigOf(request.rig), request),
    openSubmission: async (request) => openSubmission(await rigOf(request.rig), request),
    closeSubmission: async ({ rig, name }) => closeSubmission(await rigOf(rig), name),
    roomForBead: async () => (await roomFault(parts.home.root, parts.minFreeBytes ?? 0)) ?? null,
  };
};

const unknownRig = (name: string, rigs: ReadonlyMap<string, RigSettings>) =>
  fail('RigUnusable', {
    what: `This town has no rig ${name}.`,
    evidence: `Rigs in its configuration: ${[...rigs.keys()].join(', ') || 'none'}.`,
    next: 'Add the rig to gastown.yaml and start the town again, or name one of these in the plan.',
  });
