import { statfs } from 'node:fs/promises';
import type { Failure } from '../../workflows/domain/failure.ts';
import { failure } from '../failure.ts';

/** Why no new bead should start here: the disk of the town's folder has less room than `leastBytes`. */
export const roomFault = async (home: string, leastBytes: number): Promise<Failure | undefined> => {
  const { bavail, bsize } = await statfs(home);
  const free = bavail * bsize;
  if (free >= leastBytes) return;
  return failure('DiskLow', {
    what: `The disk has ${gib(free)} free, less than limits.minFreeGiB (${leastBytes / 2 ** 30}): no new bead starts.`,
    evidence: `statfs ${home}: ${bavail} blocks of ${bsize} bytes`,
    next: 'Free space there: gt disk shows what has it, gt prune --older 14d removes what nothing needs. Beads then start by themselves.',
  });
};

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
