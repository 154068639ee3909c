/** Places on a host for calls at once, shared by its models. */
export interface Slots {
  /** Waits for a place; returns its release. Rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<() => void>;
  /** A place that is idle right now; undefined when none is. Its signal asks for it back, as soon as somebody waits. */
  borrow(): Loan | undefined;
}

export interface Loan {
  readonly wanted: AbortSignal;
  readonly leave: () => void;
}

export const createSlots = (places: number): Slots => {
  const waiting: (() => void)[] = [];
  const loans = new Set<AbortController>();
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
        const [loan] = loans;
        loan?.abort(new Error('the place is wanted by another call'));
        signal.addEventListener('abort', give, { once: true });
      });
      return leave();
    },

    borrow() {
      if (free === 0) return;
      free -= 1;
      const loan = new AbortController();
      const back = leave();
      loans.add(loan);
      loan.signal.addEventListener('abort', () => loans.delete(loan), { once: true });
      return {
        wanted: loan.signal,
        leave: () => {
          loans.delete(loan);
          back();
        },
      };
    },
  };
};
