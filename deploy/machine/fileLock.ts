import { DatabaseSync } from 'node:sqlite';

export interface FileLock {
  release(): void;
}

/**
 * Takes the lock that a file stands for; undefined while somebody has it, in this process or another.
 *
 * It is SQLite's lock on an empty database, because that is the system's own file lock, which Node does not offer otherwise:
 * the system frees it at the moment its owner dies, whichever way, so there is no stale lock to take over, no pid to mistake
 * for another, and no race between two who try. The file stays: whoever removed it could part two owners.
 */
export const takeFileLock = (path: string): FileLock | undefined => {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.isOpen && database.close() };
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) return;
    throw error;
  }
};

const sqliteBusy = 5;
