import { townBranch } from '../../workflows/domain/naming.ts';
import type { OpenedRig } from '../../workflows/domain/rig.ts';
import type { OpenRig } from '../../workflows/ports.ts';
import { gateHash } from '../gates/index.ts';
import { inTurn } from '../git/mutex.ts';
import { readRefs } from '../git/refs.ts';
import { claimConvoy, claimedBase } from './claim.ts';
import { checkContents, fetchSource } from './contents.ts';
import type { Rig } from './index.ts';
import { chooseLanding } from './landing.ts';
import { ensureRepository } from './repository.ts';
import { checkGit, checkSource } from './source.ts';
import { ensureTarget } from './target.ts';

/**
 * Makes the rig usable or says by name why it is not, decides which branch the town moves there, and claims the convoy's name
 * for this plan. Throws `RigUnusable`, `PushRefused`, `PlanConflict`, `SandboxUnavailable`.
 */
export const openRig = (rig: Rig, request: OpenRig): Promise<OpenedRig> =>
  // Two convoys that open one rig at once would race for its configuration and its first branch.
  inTurn(`open ${rig.repo}`, async () => {
    const { settings, repo, signal } = rig;
    await checkGit(rig);
    const source = await checkSource(rig);
    await ensureRepository(rig);
    await fetchSource(rig);
    await checkContents(rig, `refs/remotes/origin/${settings.branch}`);
    // Before anything is made at the source: a convoy that may not run leaves nothing there.
    await claimedBase(rig, request);
    const remote = await readRefs(repo, branchesOf(rig), signal);
    const landing = await chooseLanding(rig, source, remote);
    const tip = await ensureTarget(rig, landing);
    const base = await claimConvoy(rig, request, tip);
    return {
      rig: settings.name,
      target: landing.target,
      upstream: landing.upstream,
      tip,
      base,
      gateHash: gateHash(settings),
      takeOver: landing.takeOver,
      sandbox: await rig.gates.sandboxRung(settings),
    };
  });

const branchesOf = ({ settings: { branch, land } }: Rig): string[] =>
  [branch, townBranch(branch), ...(land.mode === 'branch' ? [land.branch] : [])].map(
    (name) => `refs/remotes/origin/${name}`,
  );
