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
  const path = join(home, 'town.lock');
  const database = await openFile(home, path);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw (error as { errcode?: number }).errcode === sqliteBusy ? await taken(home, path) : error;
  }
  return { release: () => database.isOpen && database.close() };
};

const sqliteBusy = 5;

const openFile = async (home: string, path: string): Promise<DatabaseSync> => {
  try {
    await mkdir(home, { recursive: true });
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw new TownError({
      type: 'HomeUnusable',
      what: 'The town’s home (the folder with its files) cannot be made or written to.',
      evidence: `${home}: ${error instanceof Error ? error.message : String(error)}`,
      next: 'Name another folder as town.home in gastown.yaml or with --home, or give this user the right to write there.',
    });
  }
};

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
