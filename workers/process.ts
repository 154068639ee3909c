import { NativeConnection, type Worker } from '@temporalio/worker';
import { loadConfig, type TownConfig } from '../deploy/config/index.ts';
import { assertHome } from '../deploy/town/homeId.ts';
import { tether } from '../deploy/town/tether.ts';
import { connectionOf } from './connection.ts';
import { createLogger } from './log.ts';
import { installRuntime, type Role } from './metrics.ts';
import { type WorkerSettings, workerSettings } from './settings.ts';

/** What a worker process runs, and how it lets go of what its Workers do not own. */
export interface Crew {
  readonly workers: readonly Worker[];
  /** Called once all Workers have stopped. */
  close?(): Promise<void>;
}

/** What a crew is hired with. */
export interface Hiring extends Omit<WorkerSettings, 'config'> {
  readonly connection: NativeConnection;
  /** Makes a further connection to the same server. */
  readonly connect: () => Promise<NativeConnection>;
  readonly config: TownConfig;
}

/**
 * The life of a worker process: refuses a foreign home, polls, says `{"ready":true}` on stdout, and on SIGTERM (or when
 * its supervisor is gone) drains within the grace time. It never hangs: a bound after that it exits as it is.
 */
export const runProcess = async (role: Role, hire: (hiring: Hiring) => Promise<Crew>): Promise<void> => {
  const settings = workerSettings(process.argv.slice(2));
  const log = createLogger(role);
  let stop = (): void => process.exit(0);
  const stopOnce = (): void => {
    stop();
    stop = () => {};
  };
  process.on('SIGTERM', stopOnce);
  process.on('SIGINT', stopOnce);
  tether(stopOnce);

  try {
    await assertHome(settings.home, settings.homeId);
    const config = { ...(await loadConfig(settings.config)), home: settings.home };
    installRuntime(role, config.metrics, log);
    const connect = () => NativeConnection.connect(connectionOf(settings, config));
    const connection = await connect();
    const crew = await hire({ ...settings, connection, connect, config });
    stop = () => {
      log.info('draining');
      for (const worker of crew.workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      // Native threads or an activity that ignores its cancellation must not keep a stopped process.
      setTimeout(() => process.exit(0), settings.graceMs + 5_000).unref();
    };
    const running = Promise.all(crew.workers.map((worker) => worker.run()));
    process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid })}\n`);
    await running;
    await crew.close?.();
    process.exit(0);
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
};
