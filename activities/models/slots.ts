/** Places on a host for calls at once, shared by its models. */
export interface Slots {
  /** Waits for a place; returns its release. Rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export const createSlots = (places: number): Slots => {
  const waiting: (() => void)[] = [];
  let free = places;

  const leave = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    };
  };

  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return leave();
      }
      await new Promise<void>((resolve, reject) => {
        const enter = (): void => {
          signal.removeEventListener('abort', give);
          resolve();
        };
        const give = (): void => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(signal.reason);
        };
        waiting.push(enter);
        signal.addEventListener('abort', give, { once: true });
      });
      return leave();
    },
  };
};
