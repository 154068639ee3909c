import { setTimeout as delay } from 'node:timers/promises';

/** The script's time, which may run faster than ours. */
export interface Clock {
  /** Divides all scripted times. */
  readonly scale: number;
  /** Resolves after so much scripted time, or when the signal comes. Never rejects. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves when the signal comes. */
  never(signal?: AbortSignal): Promise<void>;
}

export const createClock = (scale = 1): Clock => ({
  scale,
  pause: async (ms, signal) => {
    if (ms <= 0) return;
    await delay(ms / scale, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
  never: (signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) resolve();
      signal?.addEventListener('abort', () => resolve(), { once: true });
    }),
});
