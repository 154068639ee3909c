import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { homeAt } from '../../../activities/home.ts';
import { type Blobs, createBlobs } from '../../../activities/ledger/blobs.ts';
import { createTranscripts, type TranscriptLine } from '../../../activities/ledger/transcripts.ts';
import { createHostActivities } from '../../../activities/models/tend.ts';
import type { TendPace } from '../../../activities/models/tendPace.ts';
import { createConcealer } from '../../../activities/secrets/concealer.ts';
import { createModelWorkers } from '../../../workers/modelWorker.ts';
import type { HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import type { HostObservation } from '../../../workflows/domain/host/residency.ts';
import { quietRuntime } from '../cluster.ts';
import type { CallEnd } from './workflows.ts';

export const fastPace: TendPace = {
  pollMs: 30,
  busyPollMs: 60,
  settleMs: 150,
  recheckMs: 300,
  retryMs: 40,
  retryMaxMs: 200,
  failedLoadMaxMs: 2_000,
  refutedMs: 60_000,
  tellLoadingMs: 1_000,
  planPatienceMs: 3_000,
  tellFleetMs: 20,
  tellCallsMs: 20,
  drainMs: 5_000,
  stopMs: 300,
};

let bundle: Promise<{ code: string }> | undefined;

/** The least town that model calls need: a real Temporal server, two small workflows, hosts with a lease, blobs on disk. */
export const startHostTown = async (address: string, namespace: string) => {
  quietRuntime();
  bundle ??= bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('workflows.ts', import.meta.url)) });
  const { code } = await bundle;
  const root = await mkdtemp(join(tmpdir(), 'gastown-models-'));
  const home = homeAt(root);
  const blobs: Blobs = createBlobs(home.blobs);
  const transcripts = createTranscripts(home);
  const connect = () => NativeConnection.connect({ address });
  const connection = await connect();
  const client = new Client({ connection, namespace });
  // Tests share a namespace, so every id and queue carries this run's own tag.
  const tag = randomBytes(4).toString('hex');
  const taskQueue = `test-${tag}`;
  const worker = await Worker.create({ connection, namespace, taskQueue, workflowBundle: { code } });
  const run = worker.run();
  const ends: (() => Promise<unknown>)[] = [];
  const seen: HostObservation[] = [];
  const watchers = new Set<() => void>();
  let count = 0;

  const bead = { convoy: tag, epic: 'e', bead: 'b' };

  return {
    tag,
    blobs,
    client,
    home,
    reports: seen,

    /** Settings of this town's only host. */
    box: (url: string, over: Partial<HostSettings> = {}): HostSettings => ({
      name: `box-${tag}`,
      kind: 'ollama',
      url,
      slots: 2,
      coresident: false,
      apiKeyEnv: undefined,
      quiet: [],
      ...over,
    }),

    /** Settings of a model that it serves; `name` is what the server calls it. */
    model: (name: string, over: Partial<ModelSettings> = {}): ModelSettings => ({
      key: `${name}-${tag}`,
      name,
      context: 4_096,
      maxTokens: 500,
      temperature: 0,
      tier: 'standard',
      hosts: [`box-${tag}`],
      firstTokenMs: 10_000,
      idleMs: 10_000,
      callTimeoutMs: 60_000,
      ...over,
    }),
    transcript: (): Promise<TranscriptLine[]> => transcripts.read(bead),

    /** Waits for a report for which `matches` holds, past ones included. */
    reported: async (matches: (observed: HostObservation) => boolean): Promise<HostObservation> => {
      for (;;) {
        const found = seen.find(matches);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => watchers.add(resolve));
      }
    },

    /** A worker process's part: it would hold the leases of these hosts. Returns its shutdown. */
    tend: async (
      hosts: readonly HostSettings[],
      models: readonly ModelSettings[],
      pace: Partial<TendPace> = {},
      now: () => number = Date.now,
    ) => {
      const activities = createHostActivities({
        hosts,
        models,
        place: 'home',
        blobs,
        transcript: transcripts,
        service: connection.workflowService,
        namespace,
        createModelWorker: createModelWorkers({
          ...{ connection, connect, namespace, concealer: createConcealer() },
          identity: `test-${tag}`,
        }),
        report: async (_, observed) => {
          seen.push(observed);
          for (const watcher of [...watchers]) {
            watchers.delete(watcher);
            watcher();
          }
        },
        pace: { ...fastPace, ...pace },
        now,
      });
      const workers = await Promise.all(
        hosts.map((host) =>
          Worker.create({
            connection,
            namespace,
            taskQueue: `host.${host.name}`,
            activities: { ...activities },
            maxHeartbeatThrottleInterval: 100,
          }),
        ),
      );
      const running = Promise.all(workers.map((one) => one.run()));
      const stop = async (): Promise<void> => {
        for (const one of workers) if (one.getState() === 'RUNNING') one.shutdown();
        await running;
      };
      ends.unshift(stop);
      return { stop };
    },

    /** The same in a process of its own, which can be killed. Resolves when it polls. */
    tendElsewhere: async (host: HostSettings, models: readonly ModelSettings[]): Promise<ChildProcess> => {
      const script = fileURLToPath(new URL('hostProcess.ts', import.meta.url));
      const settings = JSON.stringify({ address, namespace, root, host, models, pace: fastPace });
      const child = spawn(process.execPath, [script, settings], { stdio: ['ignore', 'pipe', 'inherit'] });
      ends.unshift(async () => child.kill('SIGKILL'));
      await once(child.stdout, 'data');
      return child;
    },

    /** Starts the workflow that holds a host. */
    hold: async (host: string, options: { heartbeatMs?: number; maxMs?: number } = {}) => {
      const request = { host, maxMs: options.maxMs ?? 3_600_000, heartbeatMs: options.heartbeatMs ?? 1_500 };
      const handle = await client.workflow.start('holdHost', {
        taskQueue,
        workflowId: `host/${host}`,
        args: [request],
      });
      ends.unshift(() => handle.terminate().catch(() => undefined));
      return handle;
    },

    /** Starts one call; its `result()` says how it ended. */
    call: async (model: string, text: string, options: { heartbeatMs?: number; attempts?: number } = {}) => {
      const promptRef = await blobs.put(
        JSON.stringify({ version: 1, messages: [{ role: 'user', content: text }] }),
      );
      const request = {
        model,
        promptRef,
        estimatedTokens: Math.ceil(text.length / 4),
        bead,
        turn: (count += 1),
      };
      const args = [{ request, heartbeatMs: options.heartbeatMs ?? 1_500, attempts: options.attempts ?? 20 }];
      return client.workflow.start<(...args: unknown[]) => Promise<CallEnd>>('callModel', {
        taskQueue,
        workflowId: `call/${tag}/${count}`,
        args,
      });
    },

    /** Waits until the server has a heartbeat of the call that says what it has cost. */
    beaten: async (workflowId: string): Promise<void> => {
      for (;;) {
        const described = await client.workflow.getHandle(workflowId).describe();
        const [pending] = described.raw.pendingActivities ?? [];
        const data = pending?.heartbeatDetails?.payloads?.[0]?.data;
        if (data && Buffer.from(data).toString().includes('"calls":1')) return;
      }
    },

    close: async (): Promise<void> => {
      for (const end of ends) await end();
      worker.shutdown();
      await run;
      await connection.close();
      await rm(root, { recursive: true, force: true });
    },
  };
};

export type HostTown = Awaited<ReturnType<typeof startHostTown>>;
