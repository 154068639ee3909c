import { statfs } from 'node:fs/promises';
import { TownError } from './trouble.ts';

/** The server's database, its log and `town.json` are written before anything can be told of a full disk. Bytes. */
const leastToOpen = 64 * 2 ** 20;

/** Throws `DiskFull` where opening a town would only break off half-way. How much new beads need is `limits.minFreeGiB`. */
export const assertRoom = async (home: string, least = leastToOpen): Promise<void> => {
  const { bavail, bsize } = await statfs(home);
  const free = bavail * bsize;
  if (free >= least) return;
  throw new TownError({
    type: 'DiskFull',
    what: 'The disk of the town’s home is full: its server could not write what happens.',
    evidence: `${home}: ${Math.floor(free / 2 ** 20)} MiB free, at least ${least / 2 ** 20} MiB are needed to open`,
    next: 'Free space there (gt disk shows what the town has), or set town.home in gastown.yaml to a folder on another disk.',
  });
};

/** Whether something could not be written since the disk is full. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
