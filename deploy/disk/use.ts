import { execFile } from 'node:child_process';
import { readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a town's folder holds, in bytes on disk. */
export interface DiskUse {
  readonly home: string;
  readonly total: number;
  /** Of the disk that the home is on. */
  readonly free: number;
  readonly parts: readonly DiskPart[];
}

export interface DiskPart {
  /** Path under the home. */
  readonly path: string;
  readonly holds: string;
  readonly bytes: number;
}

/** Measures a home. What is not there yet is left out; the largest comes first. */
export const diskUse = async (home: string): Promise<DiskUse> => {
  const rigs = await readdir(join(home, 'rigs')).catch(() => []);
  const places: (readonly [string, string])[] = [
    ...shared,
    ...rigs.flatMap((rig) => ofRig.map(([path, holds]) => [`rigs/${rig}/${path}`, holds] as const)),
  ];
  const parts = await Promise.all(
    places.map(async ([path, holds]) => ({ path, holds, bytes: await withSides(join(home, path)) })),
  );
  const { bavail, bsize } = await statfs(home);
  return {
    home,
    total: (await bytesOf(home)) ?? 0,
    free: bavail * bsize,
    parts: parts
      .flatMap(({ bytes, ...part }) => (bytes === undefined ? [] : [{ ...part, bytes }]))
      .sort((a, b) => b.bytes - a.bytes),
  };
};

const shared: readonly (readonly [string, string])[] = [
  ['temporal.db', 'histories of workflows, kept for 30 days after their end'],
  ['blobs', 'prompts, replies, tasks and logs of gates'],
  ['transcripts', 'a line for each turn'],
  ['fleet', 'which models hosts held, and when'],
  ['live', 'what models write and gates print at this moment'],
  ['bundles', 'the workflows’ code as workers run it'],
  ['logs', 'logs of the town’s processes'],
  ['scratch', 'homes of commands in the sandbox'],
];

const ofRig: readonly (readonly [string, string])[] = [
  ['repo.git', 'the town’s copy of the repository'],
  ['worktrees', 'worktrees of beads at work'],
  ['slots', 'where the Refinery tests'],
  ['caches', 'what set-up made'],
  ['greens', 'results of gates'],
  ['outlines', 'what the map of the repository knows of its files'],
];

/** A database with the files that SQLite keeps beside it, which are the larger part of a young one. */
const withSides = async (path: string): Promise<number | undefined> => {
  if (!path.endsWith('.db')) return await bytesOf(path);
  const parts = await Promise.all(['', '-wal', '-shm'].map((side) => bytesOf(`${path}${side}`)));
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, part) => sum + part, 0);
};

/** What is below a path, in bytes on disk. `du`, since it counts blocks that copies share as the system does; undefined when there is nothing. */
export const bytesOf = async (path: string): Promise<number | undefined> => {
  const { stdout } = await promisify(execFile)('du', ['-sk', path]).catch((error: { stdout?: string }) => ({
    // Files that go away meanwhile make it fail, and it has counted all others.
    stdout: error.stdout ?? '',
  }));
  const kilobytes = /^(\d+)\s/.exec(stdout)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
};
