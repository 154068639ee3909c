import { readdir, readFile, readlink, realpath, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { bornOf } from '../births.ts';

/** What a killed git leaves in the way of the next one. */
export interface Obstacle {
  readonly kind: 'lock' | 'halfWorktree';
  readonly path: string;
}

/** Reads from git's words that a lock file, or a worktree that is being made, was in its way. */
export const obstacleOf = (stderr: string, cwd: string): Obstacle | undefined => {
  const lock = /Unable to create '([^'\n]+\.lock)': File exists/.exec(stderr)?.[1];
  if (lock !== undefined) return { kind: 'lock', path: resolve(cwd, lock) };
  const config = /could not lock config file ([^\n]+): File exists/.exec(stderr)?.[1];
  if (config !== undefined) return { kind: 'lock', path: resolve(cwd, `${config}.lock`) };
  // `worktree add` makes the folder first and fills it then; every git that lists worktrees meanwhile dies of it.
  const half = /failed to read (\S*worktrees\/[^/\s]+)\/commondir/.exec(stderr)?.[1];
  return half === undefined ? undefined : { kind: 'halfWorktree', path: resolve(cwd, half) };
};

/**
 * Gets past what is in the way: waits for a living git that may own it, and removes what is proved to be nobody's. True: try
 * again. False: its owner is still at work after some seconds, or it is not in a repository of the town.
 *
 * The proof: all gits that were alive at the first sight have ended, and it is still the same file. So its maker is dead, and
 * no git that began later can have made it.
 */
export const overcome = async ({ kind, path }: Obstacle): Promise<boolean> => {
  const rig = await rigFolder(path);
  const first = await markOf(path);
  if (first === undefined) return true;
  if (rig === undefined) return false;
  const suspects = await gitsAt(rig);
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const living = await gitsAt(rig);
    // Without /proc nobody can say who is alive: then only an age beyond any timeout of ours is a proof.
    const isOwned =
      suspects === undefined || living === undefined
        ? Date.now() - first.mtimeMs < certainlyDeadMs
        : suspects.some((one) => living.includes(one));
    const now = await markOf(path);
    if (now?.ino !== first.ino || now.mtimeMs !== first.mtimeMs) return true;
    if (kind === 'halfWorktree' && (await isWhole(path))) return true;
    if (!isOwned) {
      await rm(path, { recursive: kind === 'halfWorktree', force: true });
      return true;
    }
    if (Date.now() > giveUpAt) return false;
    await pause(25);
  }
};

const patienceMs = 4_000;
const certainlyDeadMs = 15 * 60_000;

/** Removes all that killed git processes left in a rig's repository; waits for those that are at work. */
export const clearObstacles = async (repo: string): Promise<void> => {
  for (const obstacle of await obstaclesIn(repo)) await overcome(obstacle);
};

/** Locks and half-made registrations in a rig's repository, whoever they belong to. */
export const obstaclesIn = async (repo: string): Promise<readonly Obstacle[]> => {
  const found: Obstacle[] = [];
  // Not the objects: they are many, and git takes no locks there that outlive it.
  const folders = (await readdir(repo).catch(() => [])).filter((name) => name !== 'objects');
  for (const folder of folders) {
    if (folder.endsWith('.lock')) found.push({ kind: 'lock', path: join(repo, folder) });
    const names = await readdir(join(repo, folder), { recursive: true }).catch(() => []);
    for (const name of names.filter((each) => each.endsWith('.lock')))
      found.push({ kind: 'lock', path: join(repo, folder, name) });
  }
  for (const id of await readdir(join(repo, 'worktrees')).catch(() => [])) {
    const path = join(repo, 'worktrees', id);
    if (!(await isWhole(path))) found.push({ kind: 'halfWorktree', path });
  }
  return found;
};

const markOf = (path: string): Promise<{ ino: number; mtimeMs: number } | undefined> =>
  stat(path).catch(() => undefined);

/**
 * Whether a registration in `worktrees/` is complete and its worktree leads back to it. Not so: an add that was killed, or
 * two that made one place at once. git itself never clears these, since it marks what it is making as locked.
 */
const isWhole = async (path: string): Promise<boolean> => {
  const text = async (name: string): Promise<string> => (await readFile(name, 'utf8').catch(() => '')).trim();
  const [common, head, back] = await Promise.all(
    ['commondir', 'HEAD', 'gitdir'].map((name) => text(join(path, name))),
  );
  if (!common || !head || !back) return false;
  return (await text(back)) === `gitdir: ${await realpath(path).catch(() => path)}`;
};

/** `<home>/rigs/<rig>`, where every git of the town runs that can hold a lock of this rig; undefined for other places. */
const rigFolder = async (path: string): Promise<string | undefined> => {
  const [before, after] = path.split('/repo.git/');
  if (before === undefined || after === undefined) return;
  // As processes show their folder: without links.
  return realpath(before).catch(() => undefined);
};

/** The gits at work in a folder, each as pid and birth; undefined where the system does not show them. */
const gitsAt = async (folder: string): Promise<readonly string[] | undefined> => {
  const pids = process.platform === 'linux' ? await readdir('/proc').catch(() => undefined) : undefined;
  const found = pids?.filter((pid) => /^\d+$/.test(pid)).map((pid) => gitAt(pid, folder));
  return found && (await Promise.all(found)).filter((git) => git !== undefined);
};

const gitAt = async (pid: string, folder: string): Promise<string | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  if (!/^\d+ \(git/.test(text)) return;
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  if (cwd !== folder && !cwd.startsWith(`${folder}/`)) return;
  return `${pid} ${bornOf(text)}`;
};
