import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { TownConfig } from '../config/townConfig.ts';
import { type Cluster, connectClient, externalCluster, plainCluster } from '../server/connect.ts';
import type { DevServerOptions } from '../server/devServer.ts';
import { ensureNamespace, ensureSearchAttributes } from '../server/namespace.ts';
import { ensureEntities } from './entities.ts';
import { ensureHomeId } from './homeId.ts';
import { type KeptServer, keepServer, portOf } from './keepServer.ts';
import { type KeptWorkers, keepWorkers } from './keepWorkers.ts';
import { endLeftovers } from './leftovers.ts';
import { lockTown } from './lock.ts';
import { claimNamespace } from './namespaceClaim.ts';
import { ensurePatrols } from './patrols.ts';
import { defaultGraceMs, type WorkerSetting, workerKinds } from './programs.ts';
import { configHash, readRecord, type TownRecord } from './record.ts';
import { recordTown } from './recorder.ts';
import { rehearse } from './rehearsal.ts';
import { assertRoom } from './room.ts';
import type { OpenTownOptions, Town, TownEvent } from './town.ts';
import { TownError } from './trouble.ts';
import { townVersion } from './version.ts';

export type { OpenTownOptions, Town, TownEvent } from './town.ts';

/** From the end of the grace time to our SIGKILL. A worker that cannot let go ends itself a little before. */
const marginMs = 6_000;
/** Leftovers serve nobody, so they get no grace. */
const leftoverMs = 3_000;

/**
 * Opens the town: locks its home, ends what a killed supervisor left, starts the Temporal server and the workers, and
 * keeps them running until it is stopped. This process is the supervisor; when it dies, the others end by themselves.
 * Throws `TownOpen`, `DiskFull`, `TemporalCliMissing`, `WrongHome`, or what the server's start throws.
 */
export const openTown = async (options: OpenTownOptions): Promise<Town> => {
  const { config, graceMs = defaultGraceMs, onEvent = () => {} } = options;
  const { home } = config;
  const { namespace } = config.temporal;
  const logs = join(home, 'logs');
  let server: KeptServer | undefined;
  let workers: KeptWorkers | undefined;
  const cluster = (): Cluster =>
    config.temporal.address === undefined
      ? plainCluster(server?.address() ?? '', namespace)
      : externalCluster(config.temporal, namespace);

  // Undone in reverse. What fails on the way undoes what was done so far.
  await using opening = new AsyncDisposableStack();
  const lock = await lockTown(home);
  opening.defer(() => lock.release());
  await assertRoom(home);
  const before = await readRecord(home);
  await endWhatIsLeft(before, onEvent);

  const homeId = await ensureHomeId(home);
  const version = await townVersion();
  // What an older version began stays its own until this one has shown that it can go on with it.
  const writtenBy =
    before === undefined ? { version } : { version: before.version, workflows: before.workflows };
  const constant = { ...identity(config, homeId), configHash: await configHash(config.file) };
  const recorder = recordTown(home, { ...constant, ...writtenBy }, () => ({
    address: cluster().connection.address,
    uiUrl: server?.uiUrl(),
    processes: [{ role: 'server', mark: server?.mark() }, ...(workers?.marks() ?? [])],
  }));
  opening.defer(() => recorder.note('closed'));
  const heard = (event: TownEvent): void => {
    onEvent(event);
    // A pid that is not in `town.json` could not be found again if we were killed now.
    if (event.kind === 'started' || event.kind === 'serverReady') void recorder.note();
  };

  if (config.temporal.address === undefined) {
    server = await keepServer(serverOptions(options, before, logs), heard);
    opening.defer(() => server?.stop());
    await recorder.note();
  }
  const client = await connectClient(cluster());
  opening.defer(() => client.connection.close());
  if (server === undefined) await prepareCluster(client, namespace, onEvent);
  await claimNamespace(client, namespace, homeId);
  options.drain?.throwIfAborted();

  const setting = (): WorkerSetting => ({
    home,
    homeId,
    namespace,
    config: config.file,
    address: cluster().connection.address,
    graceSeconds: graceMs / 1_000,
  });
  const rehearsal = await (options.rehearse ?? rehearse)(before, setting(), options.drain);
  if (rehearsal.checked > 0) onEvent({ kind: 'rehearsed', workflows: rehearsal.checked });
  recorder.adopt({ version, workflows: rehearsal.workflows });
  const kinds = options.workers ?? workerKinds({ town: 1, hosts: 1 });
  const crew = keepWorkers(kinds, setting, logs, heard, options.longestRestMs);
  workers = crew;
  const entities = (options.entities ?? ensureEntities)(client, config);
  // A cluster that allows no Schedules, or an older one, has towns without patrols.
  if (options.entities === undefined)
    void ensurePatrols(client, config).catch((error: unknown) =>
      onEvent({ kind: 'noPatrols', why: String(error) }),
    );
  const ready = Promise.all([crew.ready, entities]).then(() => recorder.note('open'));
  // Whoever does not wait for readiness must not be ended by its failure.
  ready.catch(() => {});

  const opened = opening.move();
  const exited = Promise.withResolvers<void>();
  const close = async (limitMs: number): Promise<void> => {
    onEvent({ kind: 'draining', graceMs: limitMs });
    await recorder.note('closing');
    await crew.stop(limitMs);
    await opened.disposeAsync();
    onEvent({ kind: 'closed' });
  };
  let closing = false;
  const stop: Town['stop'] = (grace = { graceMs }) => {
    if (!closing) void close(grace.graceMs + marginMs).then(exited.resolve, exited.reject);
    closing = true;
    return exited.promise;
  };
  const kill: Town['kill'] = async () => {
    crew.kill();
    await server?.kill();
    await stop({ graceMs: 0 });
  };
  onAbort(options.drain, () => void stop().catch(() => {}));
  onAbort(options.kill, () => void kill().catch(() => {}));

  return {
    home,
    namespace,
    client,
    ready,
    stop,
    kill,
    exited: exited.promise,
    get address() {
      return cluster().connection.address;
    },
    get cluster() {
      return cluster();
    },
    get uiUrl() {
      return server?.uiUrl();
    },
  };
};

const endWhatIsLeft = async (
  before: TownRecord | undefined,
  tell: (event: TownEvent) => void,
): Promise<void> => {
  if (before === undefined) return;
  const pids = await endLeftovers(before, leftoverMs);
  if (pids.length > 0) tell({ kind: 'leftovers', pids });
};

/** A dev server is set up by its own start; somebody's cluster as far as it lets us. */
const prepareCluster = async (
  client: Client,
  namespace: string,
  tell: (event: TownEvent) => void,
): Promise<void> => {
  for (const ensure of [ensureNamespace, ensureSearchAttributes]) {
    const step = await ensure(client, namespace);
    if (step !== undefined) tell({ kind: 'admin', ...step });
  }
};

const identity = (config: TownConfig, homeId: string) => ({
  name: config.name,
  namespace: config.temporal.namespace,
  homeId,
  config: config.file,
  startedAt: new Date().toISOString(),
});

/** The ports of last time are asked for again, so that bookmarks and running clients stay good. */
const serverOptions = (
  options: OpenTownOptions,
  before: TownRecord | undefined,
  logs: string,
): DevServerOptions => {
  if (options.temporalCli === undefined) {
    throw new TownError({
      type: 'TemporalCliMissing',
      what: 'The town has no Temporal server: none is configured, and no `temporal` command was found.',
      evidence: `${options.config.file}: temporal.address is not set`,
      next: 'Run `npm start` once, which finds or gets one, or set TEMPORAL_CLI_PATH or temporal.address.',
    });
  }
  return {
    binary: options.temporalCli,
    dbFile: join(options.config.home, 'temporal.db'),
    namespace: options.config.temporal.namespace,
    port: portOf(before?.address),
    uiPort: portOf(before?.uiUrl),
    ui: options.ui ?? true,
    logFile: join(logs, 'temporal.log'),
    ...(options.drain === undefined ? {} : { signal: options.drain }),
  };
};

const onAbort = (signal: AbortSignal | undefined, act: () => void): void => {
  if (signal?.aborted) act();
  else signal?.addEventListener('abort', act, { once: true });
};
