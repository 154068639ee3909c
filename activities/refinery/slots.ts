import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readGitFile } from '../gates/tree.ts';
import { openUp, removeTree } from '../git/removeTree.ts';
import { isSparseFor, makeSparse, sparseFlags } from '../git/sparse.ts';
import type { Home } from '../home.ts';
import type { Bench } from './bench.ts';
import { claimSlot } from './claims.ts';

/** A work tree of the Refinery's own, on one commit and with nothing else in it, until it is disposed. */
export interface Slot extends Disposable {
  readonly dir: string;
}

/** Takes a free slot and puts a commit into it. Whatever an earlier test or a killed process left there is gone. */
export const openSlot = async (bench: Bench, home: Home, commit: string): Promise<Slot> => {
  const claim = await claimSlot(bench);
  const dir = home.slot(bench.rig.name, claim.number);
  try {
    await checkOut(bench, dir, commit).catch(async () => {
      bench.signal.throwIfAborted();
      // Whatever is wrong with it, a new one is cheaper than finding out.
      await removeTree(dir);
      await checkOut(bench, dir, commit);
    });
  } catch (error) {
    claim.release();
    throw error;
  }
  return { dir, [Symbol.dispose]: claim.release };
};

const checkOut = async (bench: Bench, dir: string, commit: string): Promise<void> => {
  await ensureWorktree(bench, dir, commit);
  const inSlot = { cwd: dir };
  const sparse = sparseFlags(bench.rig.sparse);
  await bench.plumb([...sparse, 'checkout', '--quiet', '--force', '--detach', commit], inSlot);
  // Ignored files too: a tree that is red in a clean slot was once green by what an earlier build left behind.
  const clean = [...sparse, 'clean', '-ffdxq'];
  await bench.plumb(clean, inSlot).catch(async () => {
    await openUp(dir);
    await bench.plumb(clean, inSlot);
  });
};

const ensureWorktree = async (bench: Bench, dir: string, commit: string): Promise<void> => {
  const admin = await adminOf(bench, dir);
  if (admin !== undefined && (await isSparseFor(admin, bench.rig.sparse))) return;
  await removeTree(dir);
  await mkdir(dirname(dir), { recursive: true });
  // `worktree add` of many at once fails now and then on files of each other, so it gets some tries.
  for (let attempt = 1; ; attempt++) {
    try {
      // Forced twice: a killed `add` leaves a registration that is locked, and then once is not enough.
      await bench.plumb(['worktree', 'add', '-f', '-f', '--no-checkout', '--detach', dir, commit]);
      const made = await adminOf(bench, dir);
      if (made !== undefined) await makeSparse(made, bench.rig.sparse);
      return;
    } catch (error) {
      if (attempt === 5) throw error;
      await removeTree(dir);
      await pause(attempt * 50);
    }
  }
};

/** The slot's folder in the repository; undefined when it is none of ours. */
const adminOf = async ({ repo }: Bench, dir: string): Promise<string | undefined> =>
  await readGitFile({ dir, repo }).then(
    (text) => resolve(dir, text.replace(/^gitdir: /, '').trimEnd()),
    () => undefined,
  );
