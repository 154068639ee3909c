import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readGitFile } from '../gates/tree.ts';
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
  await bench.plumb(['checkout', '--quiet', '--force', '--detach', commit], inSlot);
  // Ignored files too: a tree that is red in a clean slot was once green by what an earlier build left behind.
  await bench.plumb(['clean', '-ffdxq'], inSlot).catch(async () => {
    await openUp(dir);
    await bench.plumb(['clean', '-ffdxq'], inSlot);
  });
};

const ensureWorktree = async (bench: Bench, dir: string, commit: string): Promise<void> => {
  const isOurs = await readGitFile({ dir, repo: bench.repo }).then(
    () => true,
    () => false,
  );
  if (isOurs) return;
  await removeTree(dir);
  await mkdir(dirname(dir), { recursive: true });
  // `worktree add` of many at once fails now and then on files of each other, so it gets some tries.
  for (let attempt = 1; ; attempt++) {
    try {
      // Forced twice: a killed `add` leaves a registration that is locked, and then once is not enough.
      await bench.plumb(['worktree', 'add', '-f', '-f', '--no-checkout', '--detach', dir, commit]);
      return;
    } catch (error) {
      if (attempt === 5) throw error;
      await removeTree(dir);
      await pause(attempt * 50);
    }
  }
};

const removeTree = async (dir: string): Promise<void> => {
  await rm(dir, { recursive: true, force: true, maxRetries: 3 }).catch(async () => {
    await openUp(dir);
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  });
};

/** Tests leave folders that nobody may write to. */
const openUp = async (dir: string): Promise<void> => {
  await chmod(dir, 0o700).catch(() => {});
  for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await openUp(join(dir, entry.name));
  }
};
