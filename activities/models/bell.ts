/** Wakes a loop before its time. */
export interface Bell {
  ring(): void;
  /** Waits until somebody rings, at most `ms`; at once when somebody rang since the last wait. */
  wait(ms: number): Promise<void>;
}

export const createBell = (): Bell => {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    async wait(ms) {
      if (!rung && ms > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = undefined;
      rung = false;
    },
  };
};
