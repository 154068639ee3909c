import { searchAttributes } from '../../workflows/domain/naming.ts';
import { loopback } from './ports.ts';

export interface DevServerFlags {
  readonly namespace: string;
  readonly port: number;
  /** No Web UI without it. */
  readonly uiPort?: number | undefined;
  /** In memory without it: everything is gone when the server ends. */
  readonly dbFile?: string | undefined;
}

/** The arguments of `temporal server start-dev` for a town. */
export const devServerFlags = (flags: DevServerFlags): string[] => [
  'server',
  'start-dev',
  // Somebody's own TEMPORAL_* variables and TOML must not turn this server into another one.
  '--disable-config-env',
  '--disable-config-file',
  ...['--ip', loopback, '--ui-ip', loopback, '--port', String(flags.port)],
  ...(flags.uiPort === undefined ? ['--headless'] : ['--ui-port', String(flags.uiPort)]),
  '--ui-disable-news-fetch',
  ...['--namespace', flags.namespace, '--log-level', 'warn'],
  ...searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ...(flags.dbFile === undefined ? [] : ['--db-filename', flags.dbFile, ...pragmas]),
  ...Object.entries(dynamicConfig).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
];

/** SQLite's defaults sync every commit to disk twice: 5.3 children a second instead of 13.6. A crash loses nothing. */
const pragmas = ['journal_mode=WAL', 'synchronous=NORMAL'].flatMap((pragma) => ['--sqlite-pragma', pragma]);

const dynamicConfig = {
  // No calls home.
  'frontend.enableServerVersionCheck': false,
  // Convoys take turns on a queue: without it, the fairness key of a call means nothing.
  'matching.enableFairness': true,
  // Saves half of a dispatch when a worker can start the activity that its own workflow task scheduled.
  'system.enableActivityEagerExecution': true,
  // With more than one partition, a call can wait in one while a host polls another. Flags cannot say this of `llm`
  // queues alone; with one history shard the others lose nothing.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  // A host with several models asks how long calls wait for each; the default answer may be 5 s old.
  'matching.TaskQueueInfoByBuildIdTTL': '"200ms"',
} as const;
