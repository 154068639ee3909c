import { join } from 'node:path';
import type { ChildProgram } from './child.ts';
import { codeRoot } from './version.ts';

/** Long enough for most gates and short replies, short enough to wait for. */
export const defaultGraceMs = 20_000;

export interface WorkerSetting {
  readonly home: string;
  readonly homeId: string;
  /** Path of `gastown.yaml`. */
  readonly config: string;
  readonly address: string;
  readonly namespace: string;
  /** How long a worker may go on with what it does after SIGTERM, seconds. */
  readonly graceSeconds: number;
}

/** One kind of worker process: how many of it, and how each is started. */
export interface WorkerKind {
  readonly role: 'town' | 'hosts';
  readonly count: number;
  readonly program: (setting: WorkerSetting) => ChildProgram;
}

/** The town's worker processes: those that serve its queues and rigs, and those that hold the hosts' leases. */
export const workerKinds = (counts: {
  readonly town: number;
  readonly hosts: number;
}): readonly WorkerKind[] => [
  { role: 'town', count: counts.town, program: entry('town.ts') },
  { role: 'hosts', count: counts.hosts, program: entry('hosts.ts') },
];

/** One of the programs in `workers/`, as a process of its own. */
export const entry =
  (file: string) =>
  (setting: WorkerSetting): ChildProgram => ({
    command: process.execPath,
    // Each of the core's threads would otherwise keep a malloc arena of its own: 100 MiB of holes in a busy town.
    env: { MALLOC_ARENA_MAX: '2', ...process.env },
    args: [
      // This very Node's flags, for instance the one that allows type stripping on older versions.
      ...process.execArgv.filter((flag) => !flag.startsWith('--inspect')),
      // A worker's garbage is short-lived and small: a nursery of the default size only sits there, twice a thread.
      '--max-semi-space-size=4',
      join(codeRoot, 'workers', file),
      ...['--home', setting.home, '--home-id', setting.homeId],
      ...['--config', setting.config],
      ...['--address', setting.address, '--namespace', setting.namespace],
      ...['--grace', String(setting.graceSeconds)],
    ],
  });
