/** Places on a host for calls at once, shared by its models. */
export interface Slots {
  /** Waits for a place; returns its release. Rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<Leave>;
  /** A place that is idle right now; undefined when none is. Its signal asks for it back, as soon as somebody waits. */
  borrow(): Loan | undefined;
}

/** Gives a place back. */
export interface Leave {
  (): void;
  /** Which one it is, from 0. */
  readonly slot: number;
}

export interface Loan {
  readonly wanted: AbortSignal;
  readonly leave: Leave;
}

/** `onBusy` is told how many are taken, whenever that changes. */
export const createSlots = (places: number, onBusy: (busy: number) => void = () => {}): Slots => {
  const waiting: ((slot: number) => void)[] = [];
  const loans = new Set<AbortController>();
  // Taken from the end: the lowest number first.
  const free = Array.from({ length: places }, (_, index) => places - 1 - index);

  const take = (): number | undefined => {
    const slot = free.pop();
    if (slot !== undefined) onBusy(places - free.length);
    return slot;
  };

  const leaveOf = (slot: number): Leave => {
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      const next = waiting.shift();
      if (next !== undefined) return next(slot);
      free.push(slot);
      free.sort((a, b) => b - a);
      onBusy(places - free.length);
    };
    return Object.assign(leave, { slot });
  };

  return {
    async enter(signal) {
      signal.throwIfAborted();
      const own = take();
      if (own !== undefined) return leaveOf(own);
      const slot = await new Promise<number>((resolve, reject) => {
        const enter = (given: number): void => {
          signal.removeEventListener('abort', give);
          resolve(given);
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
      return leaveOf(slot);
    },

    borrow() {
      const slot = take();
      if (slot === undefined) return;
      const loan = new AbortController();
      const back = leaveOf(slot);
      loans.add(loan);
      loan.signal.addEventListener('abort', () => loans.delete(loan), { once: true });
      return {
        wanted: loan.signal,
        leave: Object.assign(
          () => {
            loans.delete(loan);
            back();
          },
          { slot },
        ),
      };
    },
  };
};
