import { setTimeout as wait } from 'node:timers/promises';
import { takeFileLock } from '../../deploy/machine/fileLock.ts';

/**
 * Runs `action` while nobody else, in this process or another, is in it. Throws the signal's reason when cancelled while
 * waiting. A killed owner's lock is free at once (G5).
 */
export const withLock = async <T>(
  path: string,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> => {
  let held = takeFileLock(path);
  while (held === undefined) {
    signal?.throwIfAborted();
    await wait(50);
    held = takeFileLock(path);
  }
  try {
    return await action();
  } finally {
    held.release();
  }
};

/** Whether somebody is in it now. */
export const isHeld = (path: string): boolean => {
  const held = takeFileLock(path);
  held?.release();
  return held === undefined;
};
