const tails = new Map<string, Promise<unknown>>();

/**
 * Runs `work` after all earlier work of this process under the same key. Only against crowds: what other processes do at the
 * same time must be harmless, or seen and tried again.
 */
export const inTurn = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
  const before = tails.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  // The chain goes on after a failure, which belongs to its caller alone.
  const tail = mine.catch(() => {});
  tails.set(key, tail);
  try {
    return await mine;
  } finally {
    if (tails.get(key) === tail) tails.delete(key);
  }
};
