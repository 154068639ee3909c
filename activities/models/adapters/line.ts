/** Lets one work after another happen; one that failed stops nobody. */
export const createLine = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const own = last.then(() => {
      signal.throwIfAborted();
      return work();
    });
    last = own.catch(() => undefined);
    return own;
  };
};
