import { setTimeout as sleep } from 'node:timers/promises';
import { type DevServer, type DevServerOptions, startDevServer } from '../server/devServer.ts';
import { markOf, type ProcessMark, signalGroup } from './processes.ts';
import { countRestarts, worthTelling } from './restarts.ts';

export type ServerEvent =
  | { readonly kind: 'serverReady'; readonly address: string; readonly uiUrl: string | undefined }
  | {
      readonly kind: 'serverDied';
      readonly how: string;
      readonly againInMs: number;
      readonly log: string;
    };

export interface KeptServer {
  readonly address: () => string;
  readonly uiUrl: () => string | undefined;
  readonly mark: () => ProcessMark | undefined;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/**
 * A dev server that is started again on the same file and ports when it dies: workers and workflows wait for it and
 * go on. Throws what `startDevServer` throws when the first start fails.
 */
export const keepServer = async (
  options: DevServerOptions,
  tell: (event: ServerEvent) => void,
): Promise<KeptServer> => {
  const stopping = new AbortController();
  let server = await startDevServer(options);
  let mark = await markOf(server.pid);
  tell({ kind: 'serverReady', address: server.address, uiUrl: server.uiUrl });

  const restarts = countRestarts();
  const live = async (): Promise<void> => {
    for (let startedAt = Date.now(); ; startedAt = Date.now()) {
      const end = await server.exited;
      if (stopping.signal.aborted) return;
      server = await again(`${end.signal ?? `exit status ${end.code}`}`, startedAt);
      mark = await markOf(server.pid);
      if (stopping.signal.aborted) return await server.stop();
      tell({ kind: 'serverReady', address: server.address, uiUrl: server.uiUrl });
    }
  };

  const again = async (how: string, startedAt: number): Promise<DevServer> => {
    const againInMs = restarts.died(Date.now(), startedAt);
    if (worthTelling(restarts.count)) tell({ kind: 'serverDied', how, againInMs, log: options.logFile });
    await sleep(againInMs, undefined, { signal: stopping.signal });
    const [port, uiPort] = [portOf(server.address), portOf(server.uiUrl)];
    return await startDevServer({ ...options, port, uiPort, signal: stopping.signal }).catch(
      (error: Error) => {
        stopping.signal.throwIfAborted();
        return again(error.message, Date.now());
      },
    );
  };
  const lived = live().catch(() => {
    // Only a stop ends the loop by an error: it interrupts the wait for the next start.
  });

  return {
    address: () => server.address,
    uiUrl: () => server.uiUrl,
    mark: () => mark,
    async stop() {
      stopping.abort();
      await server.stop();
      await lived;
    },
    async kill() {
      stopping.abort();
      signalGroup(server.pid, 'SIGKILL');
      await server.stop();
      await lived;
    },
  };
};

/** The port at the end of `host:port` or of a URL. */
export const portOf = (address: string | undefined): number | undefined => {
  const port = Number(address?.match(/:(\d+)\/?$/)?.[1]);
  return Number.isInteger(port) ? port : undefined;
};
