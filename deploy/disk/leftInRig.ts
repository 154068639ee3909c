import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBeadKey } from '../../workflows/domain/naming.ts';
import { gitIn } from '../town/git.ts';
import type { OpenWork } from './openWork.ts';
import type { Leftover } from './prune.ts';

/** What a rig's folder holds of beads that nobody goes on with, and caches that nothing used, since `before` (epoch ms). */
export const leftInRig = async (
  home: string,
  rig: string,
  work: OpenWork,
  before: number,
): Promise<Leftover[]> => {
  const folder = join(home, 'rigs', rig);
  const repo = join(folder, 'repo.git');
  const [worktrees, refs, caches] = await Promise.all([
    oldWorktrees(folder, repo, work, before),
    oldRefs(repo, work, before),
    oldCaches(join(folder, 'caches'), before),
  ]);
  return [...worktrees, ...refs, ...caches];
};

const oldWorktrees = async (
  folder: string,
  repo: string,
  work: OpenWork,
  before: number,
): Promise<Leftover[]> => {
  const root = join(folder, 'worktrees');
  const found: Leftover[] = [];
  for (const convoy of await folders(root)) {
    for (const epic of await folders(join(root, convoy))) {
      for (const bead of await folders(join(root, convoy, epic))) {
        const path = join(root, convoy, epic, bead);
        if (work.needs({ convoy, epic, bead }) || (await changedAt(path)) >= before) continue;
        const remove = async (): Promise<void> => {
          await gitIn(repo, ['worktree', 'remove', '--force', '--force', path]).catch(() => undefined);
          await rm(path, { recursive: true, force: true });
          await gitIn(repo, ['worktree', 'prune']);
        };
        found.push({ kind: 'worktrees', name: path, bytes: 0, remove });
      }
    }
  }
  return found;
};

/** Branches, kept work and notes of beads. A convoy's claim of its name stays, and so does every receipt of a landing. */
const oldRefs = async (repo: string, work: OpenWork, before: number): Promise<Leftover[]> => {
  const format = '%(refname) %(objectname) %(committerdate:unix)';
  const text = await gitIn(repo, ['for-each-ref', `--format=${format}`, ...beadRefs]).catch(() => '');
  const found: Leftover[] = [];
  for (const line of text.split('\n')) {
    const [name = '', oid = '', seconds = ''] = line.split(' ');
    const prefix = beadRefs.find((each) => name.startsWith(each));
    const bead = prefix && parseBeadKey(name.slice(prefix.length).split('/').slice(0, 3).join('/'));
    if (!bead || work.needs(bead) || Number(seconds) * 1_000 >= before) continue;
    // Commits of the town have the dates of what they build on; the file of the ref says when it was made.
    if ((await changedAt(join(repo, name))) >= before) continue;
    found.push({
      kind: 'refs',
      name,
      bytes: 0,
      remove: async () => void (await gitIn(repo, ['update-ref', '-d', name, oid])),
    });
  }
  return found;
};

const beadRefs = ['refs/heads/gt/', 'refs/gt/base/', 'refs/gt/kept/', 'refs/gt/verdict/'] as const;

/** Set-up results by last use. They are taken out of their place first, so that nobody finds half of one. */
const oldCaches = async (root: string, before: number): Promise<Leftover[]> => {
  const found: Leftover[] = [];
  for (const name of await folders(root)) {
    const path = join(root, name);
    if ((await changedAt(path)) >= before) continue;
    const remove = async (): Promise<void> => {
      const aside = `${path}.00000000`;
      await rename(path, aside);
      await rm(aside, { recursive: true, force: true });
    };
    found.push({ kind: 'caches', name: path, bytes: 0, remove });
  }
  return found;
};

const folders = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
};

/** Epoch ms; 0 when there is no such file. */
const changedAt = async (path: string): Promise<number> =>
  (await lstat(path).catch(() => undefined))?.mtimeMs ?? 0;
