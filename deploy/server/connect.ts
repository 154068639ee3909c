import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { TownError } from '../town/trouble.ts';

/** A cluster and the town's namespace in it. Good for a client's `Connection` and for a worker's `NativeConnection`. */
export interface Cluster {
  readonly namespace: string;
  readonly connection: NativeConnectionOptions & { readonly address: string };
}

/** The cluster of a dev server, or any other that needs neither TLS nor key. `address` is `host:port`. */
export const plainCluster = (address: string, namespace: string): Cluster => ({
  namespace,
  connection: { address },
});

export interface ExternalCluster {
  /** Wins over the profile's own namespace. */
  readonly namespace?: string | undefined;
  /** A profile of Temporal's TOML file. */
  readonly profile?: string | undefined;
  /** Another TOML file than the user's. */
  readonly configFile?: string | undefined;
  /** Wins over the profile's address, `host:port`. */
  readonly address?: string | undefined;
}

/**
 * Somebody's own cluster as Temporal's command line finds it: `TEMPORAL_*` variables over a profile of its TOML file,
 * with TLS and API key. Throws `TemporalConfigInvalid` when those cannot be read.
 */
export const externalCluster = (wanted: ExternalCluster, fallbackNamespace: string): Cluster => {
  try {
    const loaded = loadClientConnectConfig({
      ...(wanted.profile === undefined ? {} : { profile: wanted.profile }),
      ...(wanted.configFile === undefined ? {} : { configSource: { path: wanted.configFile } }),
    });
    return {
      namespace: wanted.namespace ?? loaded.namespace ?? fallbackNamespace,
      connection: {
        ...loaded.connectionOptions,
        address: wanted.address ?? loaded.connectionOptions.address ?? 'localhost:7233',
      },
    };
  } catch (error) {
    throw new TownError({
      type: 'TemporalConfigInvalid',
      what: 'The settings of the Temporal connection cannot be read.',
      evidence: `profile ${wanted.profile ?? 'default'}: ${error instanceof Error ? error.message : String(error)}`,
      next: 'Check the TEMPORAL_* variables and the TOML file with `temporal config list`.',
    });
  }
};

/** Opens a client. Throws `TemporalUnreachable` within `timeoutMs` (10 s) when nobody answers. Close it: `client.connection.close()`. */
export const connectClient = async (cluster: Cluster, timeoutMs = 10_000): Promise<Client> => {
  try {
    const connection = await Connection.connect({ ...clientOptions(cluster), connectTimeout: timeoutMs });
    return new Client({ connection, namespace: cluster.namespace });
  } catch (error) {
    throw new TownError(
      {
        type: 'TemporalUnreachable',
        what: 'The Temporal server does not answer.',
        evidence: `${cluster.connection.address}: ${error instanceof Error ? error.message : String(error)}`,
        next: 'If it is a server of your own, check that it runs, its address and TLS settings: temporal operator cluster health. If it is the town’s, close the town and open it again: gt down, gt up.',
      },
      { cause: error },
    );
  }
};

/** The two kinds of connection take the same words but for these. */
const clientOptions = (cluster: Cluster): ConnectionOptions => {
  const { address, tls, metadata, apiKey } = cluster.connection;
  return {
    address,
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
};
