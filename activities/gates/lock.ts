import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Runs `action` while nobody else, in this process or another, is in it. Throws the signal's reason when cancelled while
 * waiting.
 *
 * The lock is SQLite's on an empty database: the system's own file lock, which Node does not offer otherwise. A killed
 * owner's is free at once (G5), and there is no stale lock that two could take over at the same moment. The file stays:
 * whoever removed it could part two owners.
 */
export const withLock = async <T>(
  path: string,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> => {
  let held = take(path);
  while (held === undefined) {
    signal?.throwIfAborted();
    await wait(50);
    held = take(path);
  }
  try {
    return await action();
  } finally {
    held.close();
  }
};

/** Whether somebody is in it now. */
export const isHeld = (path: string): boolean => {
  const held = take(path);
  held?.close();
  return held === undefined;
};

const take = (path: string): DatabaseSync | undefined => {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) return;
    throw error;
  }
};

const sqliteBusy = 5;
