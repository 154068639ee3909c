import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Client } from '@temporalio/client';
import { isSlug } from '../workflows/domain/naming.ts';
import { findWork } from './beadWork.ts';
import type { BeadTarget } from './targets.ts';
import { readTranscript } from './transcript.ts';
import { missingIn, unknownName } from './unknownName.ts';

/** Beads that have called a model, as CONVOY/EPIC/BEAD: those with a transcript. Asks no server. */
export const beadsOnDisk = async (home: string): Promise<readonly string[]> => {
  const files = await readdir(join(home, 'transcripts'), { recursive: true }).catch(() => []);
  return files
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => file.slice(0, -'.jsonl'.length).split(sep))
    .filter((parts) => parts.length === 3 && parts.every(isSlug))
    .map((parts) => parts.join('/'))
    .toSorted();
};

/** Throws `NotFound` (exit 2) for a bead of which nothing is on disk, and that the town does not know; without a client it is closed. */
export const mustExist = async (
  home: string,
  client: Client | undefined,
  target: BeadTarget,
): Promise<void> => {
  if ((await readTranscript(home, target.name)).length > 0) return;
  if ((await findWork(home, target)) !== undefined) return;
  if (client === undefined)
    throw unknownName({
      ...{ noun: 'bead', name: target.name, known: await beadsOnDisk(home) },
      where: `${home}, as far as can be told while the town is closed,`,
      see: 'gt costs',
      next: 'See what has called a model with `gt costs CONVOY`. The town knows also those that have not begun: open it with `gt up`.',
    });
  const missing = await missingIn(client, target.id);
  if (missing !== undefined) throw missing;
};
