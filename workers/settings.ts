import { parseArgs } from 'node:util';

/** How a worker process was started. */
export interface WorkerSettings {
  readonly home: string;
  readonly homeId: string;
  readonly config: string;
  readonly address: string;
  readonly namespace: string;
  /** How long running work may go on after SIGTERM, ms. */
  readonly graceMs: number;
  /** How long a workflow task waits for the worker that has the workflow in its cache, ms. */
  readonly stickyMs: number;
}

/** Reads the command line of a worker process. Throws when a flag is missing: workers are started by the town. */
export const workerSettings = (args: readonly string[]): WorkerSettings => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      home: text,
      'home-id': text,
      config: text,
      address: text,
      namespace: text,
      grace: { ...text, default: '20' },
      'sticky-ms': { ...text, default: '5000' },
    },
  });
  const need = (flag: 'home' | 'home-id' | 'config' | 'address' | 'namespace'): string => {
    const value = values[flag];
    if (value === undefined) throw new Error(`--${flag} is missing; workers are started by \`gt up\``);
    return value;
  };
  return {
    home: need('home'),
    homeId: need('home-id'),
    config: need('config'),
    address: need('address'),
    namespace: need('namespace'),
    graceMs: Number(values.grace) * 1_000,
    stickyMs: Number(values['sticky-ms']),
  };
};
