import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BeadRef, beadBranch, gitRef } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { inTurn } from '../git/mutex.ts';
import { moveRefs } from '../git/refs.ts';
import { git } from '../git/run.ts';
import { adminFolder } from '../git/worktree.ts';
import type { Home } from '../home.ts';
import { signalQuietly } from '../sandbox/strays.ts';
import { guestsIn } from '../witness/guests.ts';
import { keepLeftFiles } from './leftFiles.ts';

/** A rig, as far as a last look needs it. */
export interface LookedAt {
  readonly repo: string;
  readonly home: Home;
  readonly rig: string;
  readonly caches: readonly string[];
  readonly sparse: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Before a worktree goes: whether it is as its bead left it. What is not is kept under a ref or ended, and told, a line each;
 * [] when all is as it should be. Nothing of it stops the clean-up.
 */
export const lastLook = async (at: LookedAt, bead: BeadRef): Promise<readonly string[]> => {
  const path = at.home.worktree(at.rig, bead);
  const admin = await adminFolder(at.repo, path);
  const looks = [
    strays(at, path),
    stashes(at, bead),
    ...(admin === undefined ? [] : [drift(at, bead, path, admin)]),
  ];
  const told = await Promise.all(looks.map((look) => look.catch((error: unknown) => [unseen(error)])));
  at.signal.throwIfAborted();
  return told.flat();
};

const unseen = (error: unknown): string => oneLine(`a last look failed: ${String(error)}`, 300);

/** Its gates have ended: what still runs in the worktree has left them behind. A stranger's process is not ours to end. */
const strays = async ({ home }: LookedAt, path: string): Promise<readonly string[]> => {
  const guests = await guestsIn(path, home.scratch);
  const ours = guests.filter(({ run }) => run !== undefined);
  for (const { pid } of ours) signalQuietly(pid);
  return [
    ...(ours.length > 0 ? [`${ours.length} processes of gates still ran in it and were ended`] : []),
    ...(guests.length > ours.length
      ? [`${guests.length - ours.length} processes of somebody else are in it`]
      : []),
  ];
};

/** All worktrees share one stash; git writes into each entry which branch it was made on. */
const stashes = async (at: LookedAt, bead: BeadRef): Promise<readonly string[]> => {
  // Looked for as a file first: a git for each bead that ends would cost more than what is so seldom found.
  const paths = ['refs/stash', 'logs/refs/stash'].map((name) => access(join(at.repo, name)));
  if (!(await Promise.allSettled(paths)).some(({ status }) => status === 'fulfilled')) return [];
  // Entries have numbers: two beads that end at once must not count in each other's list.
  return inTurn(`stash ${at.repo}`, () => takeStashes(at, bead));
};

const takeStashes = async ({ repo, signal }: LookedAt, bead: BeadRef): Promise<readonly string[]> => {
  const listing = ['log', '--walk-reflogs', '--format=%H%x00%gs', 'refs/stash', '--'];
  const { stdout } = await git(listing, { cwd: repo, signal, okExitCodes: [0, 128] });
  const entries = stdout.split('\n').filter((entry) => entry !== '');
  const told: string[] = [];
  // From the oldest on, so that the numbers of the others stay; theirs are other beads'.
  for (const [at, entry] of [...entries.entries()].toReversed()) {
    const [commit = '', subject = ''] = entry.split('\0');
    if (!/^(WIP on|On) /.test(subject) || !subject.includes(`n ${beadBranch(bead)}:`)) continue;
    const kept = gitRef.kept(bead, `stash-${commit.slice(0, 12)}`);
    await moveRefs(repo, [{ ref: kept, to: commit }], signal);
    await git(['reflog', 'delete', '--updateref', '--rewrite', `refs/stash@{${at}}`], { cwd: repo, signal });
    told.push(`a stash was left, kept as ${kept}`);
  }
  if (told.length === entries.length && told.length > 0)
    await moveRefs(repo, [{ ref: 'refs/stash', to: undefined }], signal);
  return told;
};

const drift = async (
  at: LookedAt,
  bead: BeadRef,
  path: string,
  admin: string,
): Promise<readonly string[]> => {
  const told: string[] = [];
  const { repo, signal } = at;
  const branch = gitRef.bead(bead);
  const head = (await readFile(join(admin, 'HEAD'), 'utf8').catch(() => '')).trim();
  if (head !== `ref: ${branch}`) {
    const kept = gitRef.kept(bead, `head-${head.slice(0, 12)}`);
    const isCommit = /^[0-9a-f]{40,64}$/.test(head);
    if (isCommit) await moveRefs(repo, [{ ref: kept, to: head }], signal);
    told.push(`its HEAD was ${oneLine(head, 80) || 'unreadable'}${isCommit ? `, kept as ${kept}` : ''}`);
  }
  return [...told, ...(await keepLeftFiles(at, bead, path, admin))];
};
