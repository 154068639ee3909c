import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BeadRef, gitRef, parseBeadKey } from '../../workflows/domain/naming.ts';
import type { Repair } from '../../workflows/domain/patrol/patrol.ts';
import { clearObstacles, obstaclesIn } from '../git/obstacle.ts';
import { moveRefs, readRefs } from '../git/refs.ts';
import { removeTree } from '../git/removeTree.ts';
import { removeWorktree } from '../git/worktree.ts';
import { deadHolder } from '../refinery/claims.ts';
import { lastLook } from '../rig/lastLook.ts';
import { sweepScratch } from '../sandbox/scratch.ts';
import { guestsIn } from './guests.ts';
import { asideFolder, type Beat } from './places.ts';

/** Clears what is dead and tells it, a line each. Every thing is looked at once more, since it may have found an owner. */
export const repairRig = async (beat: Beat, repairs: readonly Repair[]): Promise<readonly string[]> => {
  const told: string[] = [];
  for (const repair of repairs) {
    beat.signal.throwIfAborted();
    told.push(...(await repaired(beat, repair)));
  }
  return told.slice(0, 400);
};

const repaired = async (beat: Beat, repair: Repair): Promise<readonly string[]> => {
  switch (repair.kind) {
    case 'worktree':
      return clearWorktree(beat, repair.bead);
    case 'branch':
      return clearBranch(beat, repair);
    case 'slot':
      return clearSlot(beat, repair);
    case 'runs':
      return clearRuns(beat);
    case 'obstacles':
      return clearLocks(beat);
    case 'aside':
      return clearAside(beat);
  }
};

const isOwned = async (beat: Beat, bead: BeadRef): Promise<boolean> =>
  (await beat.ownerOf(bead)).state === 'open';

const clearWorktree = async (beat: Beat, key: string): Promise<readonly string[]> => {
  const bead = parseBeadKey(key);
  if (bead === undefined || (await isOwned(beat, bead))) return [];
  const path = beat.home.worktree(beat.rig, bead);
  const guests = await guestsIn(path, beat.home.scratch);
  if (guests.some(({ run }) => run === undefined)) return [];
  const { repo, home, caches, sparse, signal } = beat;
  const odd = await lastLook({ repo, home, rig: beat.rig, caches, sparse, signal }, bead);
  // Launched again in these milliseconds, the bead must lose its worktree at once or not at all: it then opens it anew.
  if (await isOwned(beat, bead)) return [];
  const aside = join(asideFolder(beat), `${bead.bead}.${randomBytes(4).toString('hex')}`);
  await mkdir(asideFolder(beat), { recursive: true });
  const isThere = await rename(path, aside).then(
    () => true,
    () => false,
  );
  await removeWorktree(repo, path);
  await removeTree(aside);
  return isThere ? [`worktree ${key}, whose bead is gone${odd.map((each) => `; ${each}`).join('')}`] : [];
};

const clearBranch = async (
  beat: Beat,
  { bead: key, head, keep }: Extract<Repair, { kind: 'branch' }>,
): Promise<readonly string[]> => {
  const bead = parseBeadKey(key);
  if (bead === undefined || (await isOwned(beat, bead))) return [];
  const branch = gitRef.bead(bead);
  const base = gitRef.base(bead);
  const kept = gitRef.kept(bead, `closed-${head.slice(0, 12)}`);
  const refs = await readRefs(beat.repo, [branch, base], beat.signal);
  if (refs.get(branch) !== head) return [];
  // One transaction, and only from what the patrol has seen: work that came meanwhile stays where it is.
  await moveRefs(
    beat.repo,
    [
      ...(keep ? [{ ref: kept, to: head }] : []),
      { ref: branch, to: undefined, was: head },
      ...(refs.has(base) ? [{ ref: base, to: undefined, was: refs.get(base) ?? null }] : []),
    ],
    beat.signal,
  );
  return [`branch ${branch}, whose bead is gone${keep ? `; its work is kept as ${kept}` : ''}`];
};

const clearSlot = async (
  beat: Beat,
  { slot, holder }: Extract<Repair, { kind: 'slot' }>,
): Promise<readonly string[]> => {
  if (!(await deadHolder(beat.repo, holder, beat.signal))) return [];
  try {
    await moveRefs(beat.repo, [{ ref: `refs/gt/slot/${slot}`, to: undefined, was: holder }], beat.signal);
  } catch {
    beat.signal.throwIfAborted();
    return []; // a living worker took it over: that is as good
  }
  return [`claim on test slot ${slot} by a process that is dead`];
};

const clearRuns = async ({ home }: Beat): Promise<readonly string[]> => {
  const before = await readdir(home.scratch).catch(() => []);
  await sweepScratch(home.scratch);
  const after = new Set(await readdir(home.scratch).catch(() => []));
  return before.filter((name) => !after.has(name)).map((name) => `sandbox run ${name} of a dead worker`);
};

const clearLocks = async ({ repo }: Beat): Promise<readonly string[]> => {
  const before = await obstaclesIn(repo);
  await clearObstacles(repo);
  const after = new Set((await obstaclesIn(repo)).map(({ path }) => path));
  return before
    .filter(({ path }) => !after.has(path))
    .map(
      ({ kind, path }) =>
        `${kind === 'lock' ? 'lock' : 'half-made worktree'} ${basename(path)} of a dead git`,
    );
};

const clearAside = async (beat: Beat): Promise<readonly string[]> => {
  const names = await readdir(asideFolder(beat)).catch(() => []);
  for (const name of names) await removeTree(join(asideFolder(beat), name));
  return names.map((name) => `folder ${name} that an earlier patrol took away`);
};
