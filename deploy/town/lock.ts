import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileLock, takeFileLock } from '../machine/fileLock.ts';
import { liveOwner } from './owner.ts';
import { readRecord } from './record.ts';
import { TownError, type Trouble } from './trouble.ts';

/**
 * One town per home. Throws `TownOpen` when somebody has the home, in the `words` of who wants it. Nothing else in this process may open the file: closing it
 * would free the lock (a rule of POSIX), and so the owner's pid is in `town.json` instead.
 */
export const lockTown = async (home: string, words: Words = toOpen): Promise<FileLock> => {
  const path = join(home, 'town.lock');
  const lock = await lockAt(home, path);
  if (lock === undefined) throw await taken(home, path, words);
  return lock;
};

type Words = Pick<Trouble, 'what' | 'next'>;

const toOpen: Words = {
  what: 'This home has an open town already; two would fight over its repositories.',
  next: 'Use the open town (`gt status`), or close it first with `gt down`.',
};

const lockAt = async (home: string, path: string): Promise<FileLock | undefined> => {
  try {
    await mkdir(home, { recursive: true });
    return takeFileLock(path);
  } catch (error) {
    throw new TownError({
      type: 'HomeUnusable',
      what: 'The town’s home (the folder with its files) cannot be made or written to.',
      evidence: `${home}: ${error instanceof Error ? error.message : String(error)}`,
      next: 'Name another folder as town.home in gastown.yaml or with --home, or give this user the right to write there.',
    });
  }
};

const taken = async (home: string, path: string, { what, next }: Words): Promise<TownError> => {
  const record = await readRecord(home);
  // One that has just been opened has not written over what an earlier one left.
  const owner = await liveOwner(record);
  return new TownError({
    type: 'TownOpen',
    what,
    evidence:
      record === undefined || owner === undefined
        ? `${path} is locked by another process`
        : `${path} is locked by process ${owner.pid}, town ${record.name}, since ${record.startedAt}`,
    next,
  });
};
