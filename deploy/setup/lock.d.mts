/** Runs `work` while no other process does, for a lock that is a file at `path`. Takes over from a dead owner. */
export declare const withLock: <T>(
  path: string,
  work: () => Promise<T>,
  onWait?: (owner: string) => void,
) => Promise<T>;
