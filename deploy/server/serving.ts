import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { connectClient, plainCluster } from './connect.ts';
import { ensureNamespace, ensureSearchAttributes } from './namespace.ts';
import { loopback } from './ports.ts';

interface StartedServer {
  /** `host:port` on loopback. */
  readonly address: string;
  readonly namespace: string;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

const startBoundMs = 60_000;

/** Until the namespace answers; a database of some 100 MB takes seconds to open. Throws why not. */
export const untilServing = async (server: StartedServer, signal?: AbortSignal): Promise<void> => {
  const over = new AbortController();
  const late = setTimeout(
    () => over.abort(new Error(`it did not serve within ${startBoundMs / 1000} s`)),
    startBoundMs,
  );
  const cancelled = (): void => over.abort(signal?.reason);
  signal?.addEventListener('abort', cancelled);
  void server.exited.then((exit) =>
    over.abort(new Error(`it ended with ${exit.signal ?? `exit status ${exit.code}`}`)),
  );
  try {
    await ready(server, over.signal);
  } catch (error) {
    over.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', cancelled);
  }
};

const ready = async (server: StartedServer, until: AbortSignal): Promise<void> => {
  const port = Number(server.address.split(':').at(-1));
  while (!(await answers(port))) await pause(25, undefined, { signal: until });
  const client = await connectClient(plainCluster(server.address, server.namespace));
  try {
    // The port opens a little before the namespace is there.
    while (!(await prepared(client, server.namespace))) await pause(50, undefined, { signal: until });
  } finally {
    await client.connection.close();
  }
};

const answers = async (port: number): Promise<boolean> =>
  await new Promise((resolve) => {
    const socket = createConnection({ port, host: loopback });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const prepared = async (client: Client, namespace: string): Promise<boolean> => {
  try {
    await client.workflowService.describeNamespace({ namespace });
    await ensureNamespace(client, namespace);
    await ensureSearchAttributes(client, namespace);
    return true;
  } catch {
    return false;
  }
};
