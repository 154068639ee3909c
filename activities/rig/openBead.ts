import { gitRef } from '../../workflows/domain/naming.ts';
import type { OpenBead, OpenedBead } from '../../workflows/ports.ts';
import { gateHash } from '../gates/index.ts';
import { resolveObject } from '../git/objects.ts';
import { moveRefs, readRefs } from '../git/refs.ts';
import { git, gitLine } from '../git/run.ts';
import { ensureWorktree } from '../git/worktree.ts';
import { greensOf } from '../refinery/greens.ts';
import type { Rig } from './index.ts';
import { landedRefs, lookForLanded } from './landed.ts';
import { neverOpened } from './unusable.ts';

/** Finds the bead's landed commit, or ensures its branch and a worktree that holds exactly the branch, with the caches. */
export const openBead = async (rig: Rig, request: OpenBead): Promise<OpenedBead> => {
  const { repo, settings, signal } = rig;
  const branch = gitRef.bead(request.bead);
  const names = [branch, gitRef.base(request.bead), ...Object.values(landedRefs(request))];
  const refs = await readRefs(repo, names, signal);
  const landed = await lookForLanded(rig, request, refs);
  if (landed !== undefined) return { landed };

  const { base, head } = await ensureBranch(rig, request, refs);
  const path = rig.home.worktree(request.rig, request.bead);
  await ensureWorktree({ repo, path, branch, caches: settings.caches, sparse: settings.sparse, signal });
  // A set-up that the bead's own change broke is no reason not to open it: its gates say so to the polecat.
  await rig.gates.prepareTree(settings, path, signal);
  return { landed: undefined, base, head, worktree: path };
};

/** Work that is on the branch already is gone on with; without any, the branch begins at the target's tip. */
const ensureBranch = async (
  rig: Rig,
  request: OpenBead,
  refs: ReadonlyMap<string, string>,
): Promise<{ base: string; head: string }> => {
  const branch = gitRef.bead(request.bead);
  const baseRef = gitRef.base(request.bead);
  const tip = refs.get(gitRef.target(request.target));
  const head = refs.get(branch);
  const recorded = refs.get(baseRef);
  if (tip === undefined) throw neverOpened(rig, request.target);
  const isFresh = head === undefined || head === recorded;
  if (isFresh) {
    const start = await notRed(rig, tip);
    if (head !== start || recorded !== start) {
      const changes = [
        { ref: branch, to: start, was: head ?? null },
        { ref: baseRef, to: start, was: recorded ?? null },
      ];
      await moveRefs(rig.repo, changes, rig.signal);
      // By a compare-and-swap from nothing: new, and nobody else's.
      if (head === undefined) rig.counts?.add('beadsStarted', { rig: rig.settings.name });
    }
    return { base: start, head: start };
  }
  if (recorded !== undefined) return { base: recorded, head };
  const options = { cwd: rig.repo, signal: rig.signal };
  const base = await gitLine(['merge-base', tip, head], options);
  await moveRefs(rig.repo, [{ ref: baseRef, to: base, was: null }], rig.signal);
  return { base, head };
};

/**
 * The tip; where the Refinery found that red, the newest commit below it that was green. Somebody else broke it, and a
 * bead that began there would use up its tries on that. All that the town has landed is below it.
 */
const notRed = async ({ repo, settings, home, signal }: Rig, tip: string): Promise<string> => {
  const hash = gateHash(settings);
  const greens = greensOf(home, settings.name);
  const tree = (await resolveObject(repo, `${tip}^{tree}`, signal))?.oid;
  if (tree === undefined || !(await greens.hasRed(hash, tree))) return tip;
  const args = ['log', '--topo-order', '--max-count=200', '--format=%H %T', tip];
  for (const line of (await git(args, { cwd: repo, signal })).stdout.split('\n')) {
    const [commit = '', its = ''] = line.split(' ');
    if (its !== '' && (await greens.has(hash, its))) return commit;
  }
  return tip;
};
