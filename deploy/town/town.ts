import type { Client } from '@temporalio/client';
import type { TownConfig } from '../config/townConfig.ts';
import type { Cluster } from '../server/connect.ts';
import type { KeptEvent } from './keep.ts';
import type { ServerEvent } from './keepServer.ts';
import type { WorkerKind } from './programs.ts';
import type { rehearse } from './rehearsal.ts';

export type TownEvent =
  | KeptEvent
  | ServerEvent
  /** Something of a cluster that we may not set up ourselves; the town works without it. */
  | { readonly kind: 'admin'; readonly command: string; readonly why: string }
  /** The Schedules of the Witness cannot be made; the town works without them. */
  | { readonly kind: 'noPatrols'; readonly why: string }
  | { readonly kind: 'leftovers'; readonly pids: readonly number[] }
  /** Open workflows of an earlier version of the code were replayed on this one. */
  | { readonly kind: 'rehearsed'; readonly workflows: number }
  | { readonly kind: 'draining'; readonly graceMs: number }
  | { readonly kind: 'closed' };

export interface OpenTownOptions {
  readonly config: TownConfig;
  /** Path of a `temporal` command line. Needed unless the configuration names a cluster's address. */
  readonly temporalCli?: string | undefined;
  readonly onEvent?: (event: TownEvent) => void;
  /** Which worker processes to keep, and how many; one of each kind when left out. */
  readonly workers?: readonly WorkerKind[];
  /** How long workers may finish what they do when the town closes, ms. */
  readonly graceMs?: number;
  /** The longest wait before a worker that died again and again is started again, ms. */
  readonly longestRestMs?: number;
  /** False where nobody will look: no Web UI. */
  readonly ui?: boolean;
  /** Checks that this code can go on with the open histories; see `rehearse`. */
  readonly rehearse?: typeof rehearse;
  /** Starts the workflows that live for ever. */
  readonly entities?: (client: Client, config: TownConfig) => Promise<void>;
  /** Closing by signals (see `stopSignals`): finish and close, and close at once. They work while it opens, too. */
  readonly drain?: AbortSignal;
  readonly kill?: AbortSignal;
}

export interface Town {
  readonly home: string;
  /** Temporal's frontend, `host:port`. */
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | undefined;
  readonly cluster: Cluster;
  readonly client: Client;
  /** Every worker polls and the entities are started. Rejects with `WorkerFailed` when a worker cannot be started. */
  readonly ready: Promise<void>;
  /** Drains the workers, then ends the server. A second call waits for the first. */
  stop(grace?: { readonly graceMs: number }): Promise<void>;
  /** Ends everything at once. What was in flight is done again at the next start (G5). */
  kill(): Promise<void>;
  /** Resolves when no process of the town is left. */
  readonly exited: Promise<void>;
}
