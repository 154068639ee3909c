/** The places of a host for calls that generate at once. */
export interface Places {
  /** Waits in line; undefined when the signal came first. */
  enter(model: string, signal: AbortSignal): Promise<Place | undefined>;
  readonly running: () => number;
  readonly waiting: () => number;
  readonly most: () => number;
}

export interface Place {
  readonly slot: number;
  readonly leave: () => void;
}

/** `slots` for all models together, `slotsOf` for one. First come, first served, as far as one's model has a place. */
export const createPlaces = (slots: number, slotsOf: (model: string) => number | undefined): Places => {
  const taken = new Map<number, string>();
  const line: { readonly model: string; readonly go: (place: Place) => void }[] = [];
  let most = 0;

  const free = (model: string): boolean => {
    if (taken.size >= slots) return false;
    const own = slotsOf(model);
    return own === undefined || [...taken.values()].filter((one) => one === model).length < own;
  };
  const take = (model: string): Place => {
    let slot = 0;
    while (taken.has(slot)) slot += 1;
    taken.set(slot, model);
    most = Math.max(most, taken.size);
    const leave = (): void => {
      if (!taken.delete(slot)) return;
      const next = line.findIndex((one) => free(one.model));
      const [called] = next < 0 ? [] : line.splice(next, 1);
      called?.go(take(called.model));
    };
    return { slot, leave };
  };

  return {
    enter: async (model, signal) => {
      if (signal.aborted) return;
      if (free(model)) return take(model);
      return new Promise((resolve) => {
        const own = { model, go: resolve };
        line.push(own);
        signal.addEventListener(
          'abort',
          () => {
            const at = line.indexOf(own);
            if (at < 0) return;
            line.splice(at, 1);
            resolve(undefined);
          },
          { once: true },
        );
      });
    },
    running: () => taken.size,
    waiting: () => line.length,
    most: () => most,
  };
};
