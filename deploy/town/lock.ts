import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readRecord } from './record.ts';
import { TownError } from './trouble.ts';

export interface TownLock {
  release(): void;
}

/**
 * One town per home. Throws `TownOpen` when somebody has the home.
 *
 * The lock is SQLite's lock on an empty database, because that is the system's own file lock, which Node does not
 * offer otherwise: the system frees it at the moment its owner dies, whichever way, so there is no stale lock to
 * take over, no pid to mistake for another, and no race between two who try. Nothing else in this process may open
 * the file: closing it would free the lock (a rule of POSIX), and so the owner's pid is in `town.json` instead.
 */
export const lockTown = async (home: string): Promise<TownLock> => {
  await mkdir(home, { recursive: true });
  const path = join(home, 'town.lock');
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw (error as { errcode?: number }).errcode === sqliteBusy ? await taken(home, path) : error;
  }
  return { release: () => database.isOpen && database.close() };
};

const sqliteBusy = 5;

const taken = async (home: string, path: string): Promise<TownError> => {
  const record = await readRecord(home);
  const owner = record?.pids.find((process) => process.role === 'supervisor');
  return new TownError({
    type: 'TownOpen',
    what: 'This home has an open town already; two would fight over its repositories.',
    evidence:
      record === undefined || owner === undefined
        ? `${path} is locked by another process`
        : `${path} is locked by process ${owner.pid}, town ${record.name}, since ${record.startedAt}`,
    next: 'Use the open town (`gt status`), or close it first with `gt down`.',
  });
};
