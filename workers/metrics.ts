import { Runtime, type TelemetryOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { buckets } from '../activities/counts/metrics.ts';
import type { MetricsSettings } from '../deploy/config/townConfig.ts';
import type { WorkerKind } from '../deploy/town/programs.ts';
import { temporalLogger } from './log.ts';

export type Role = WorkerKind['role'];

/** Each kind of process needs a port of its own: one that is bound by one cannot be bound by another. */
const portsOn: Readonly<Record<Role, number>> = { town: 0, hosts: 1 };

/** `address:port` of a process's endpoint. */
export const metricsAddress = ({ address, port }: MetricsSettings, role: Role): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port + portsOn[role]}`;

/** Prometheus' own conventions for all names, the SDK's too: seconds, units and `_total`. */
export const prometheusAt = (bindAddress: string): TelemetryOptions => ({
  metrics: {
    prometheus: {
      bindAddress,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: { ...buckets },
    },
  },
});

/**
 * Installs Temporal's runtime, with an endpoint for Prometheus where there is to be one. Where its port is taken, somebody
 * else on this machine was first: the process goes on without.
 */
export const installRuntime = (role: Role, settings: MetricsSettings | undefined, log: Logger): void => {
  // The native core would otherwise take SIGINT and SIGTERM itself, and shut down before the drain.
  const common = { logger: temporalLogger(log), shutdownSignals: [] };
  if (settings !== undefined) {
    const bindAddress = metricsAddress(settings, role);
    try {
      Runtime.install({ ...common, telemetryOptions: prometheusAt(bindAddress) });
      log.info({ url: `http://${bindAddress}/metrics` }, 'metrics');
      return;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn(
        `no metrics at ${bindAddress} (${why}); set metrics.port in gastown.yaml to another port, or to 0`,
      );
    }
  }
  Runtime.install(common);
};
