import type { Client } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, Runtime, type TelemetryOptions } from '@temporalio/worker';
import { inject, onTestFinished } from 'vitest';
import { connectClient, plainCluster } from '../../deploy/server/connect.ts';
import { ensureNamespace, ensureSearchAttributes } from '../../deploy/server/namespace.ts';

/**
 * A namespace that nobody else uses, on this run's dev server, with the town's search attributes and a client of its
 * own. For everything that starts `town`, `host/…` or other ids that exist once. Takes about 1 s, so make one a file in
 * `beforeAll`, and close it in `afterAll`: `client.connection.close()`.
 */
export const freshNamespace = async (): Promise<{ address: string; namespace: string; client: Client }> => {
  const address = inject('temporalAddress');
  const namespace = `gastown-test-${process.pid}-${++count}`;
  const client = await connectClient(plainCluster(address, namespace));
  await ensureNamespace(client, namespace);
  await ensureSearchAttributes(client, namespace);
  return { address, namespace, client };
};

/** A client for this run's shared namespace; closed when the test ends. */
export const sharedClient = async (): Promise<Client> => {
  const client = await connectClient(plainCluster(inject('temporalAddress'), inject('namespace')));
  onTestFinished(() => client.connection.close());
  return client;
};

/** Call once, before the first worker or native connection of a test file: warnings about provoked faults bury the tests' lines. */
export const quietRuntime = (more: TelemetryOptions = {}): void => {
  if (!installed)
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: {
        ...more,
        logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
      },
    });
  installed = true;
};

let count = 0;
let installed = false;
