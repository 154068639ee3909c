export interface StopSignals {
  /** Aborted by the first Ctrl-C or SIGTERM: finish what runs, then close. */
  readonly drain: AbortSignal;
  /** Aborted by the second: end everything now. */
  readonly kill: AbortSignal;
  /** Gives the signals back to Node. */
  [Symbol.dispose](): void;
}

/** Turns this process's signals into the two steps in which a town closes. */
export const stopSignals = (told?: (step: 'drain' | 'kill') => void): StopSignals => {
  const drain = new AbortController();
  const kill = new AbortController();
  const asked = (): void => {
    const step = drain.signal.aborted ? 'kill' : 'drain';
    told?.(step);
    (step === 'drain' ? drain : kill).abort();
  };
  // SIGHUP too: a terminal window that is closed is a person who is gone.
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, asked);
  return {
    drain: drain.signal,
    kill: kill.signal,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, asked);
    },
  };
};
