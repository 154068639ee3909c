import type { NativeConnectionOptions } from '@temporalio/worker';
import type { TownConfig } from '../deploy/config/index.ts';
import { externalCluster } from '../deploy/server/connect.ts';
import type { WorkerSettings } from './settings.ts';

/** The town's own server needs neither TLS nor key; somebody's cluster is reached as its environment and TOML say. */
export const connectionOf = (
  settings: WorkerSettings,
  { temporal }: TownConfig,
): NativeConnectionOptions & { readonly address?: string } =>
  temporal.address === undefined
    ? { address: settings.address }
    : externalCluster(temporal, settings.namespace).connection;
