import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { inject } from 'vitest';
import { stringify } from 'yaml';
import type { TendPace } from '../../activities/models/tend.ts';
import { type LaunchedConvoy, launchConvoy } from '../../client/launchConvoy.ts';
import { parseConfig, type TownConfig } from '../../deploy/config/index.ts';
import { parsePlan } from '../../deploy/plan/index.ts';
import { ensureEntities } from '../../deploy/town/entities.ts';
import { hireHostCrew } from '../../workers/hostCrew.ts';
import type { Crew } from '../../workers/process.ts';
import { hireTownCrew } from '../../workers/townCrew.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { defaultPace, type Pace } from '../../workflows/domain/pace.ts';
import type { BeadStatus, ConvoyStatus, EpicStatus } from '../../workflows/domain/report/report.ts';
import { freshNamespace, quietRuntime } from './cluster.ts';
import { createHolds } from './holds.ts';
import { type ChatCall, type ModelHost, type ModelScript, type Reply, startModelHost } from './modelHost.ts';
import { tempRepo } from './repo.ts';

/** Milliseconds where people wait minutes. */
export const testPace: Pace = {
  ...defaultPace,
  heartbeatMs: 4_000,
  inferHeartbeatMs: 3_000,
  standingFirstMs: 2_000,
  standingLaterMs: 4_000,
  outlookFirstMs: 300,
  outlookLaterMs: 600,
  refusedPatienceMs: 900,
  downPatienceMs: 3_000,
  baseRedMs: 400,
  followFirstMs: 100,
  followLaterMs: 400,
  cleanUpAfterMs: 50,
  tellFleetMs: 30,
  retryMs: 50,
};

const testTendPace: Partial<TendPace> = {
  recheckMs: 300,
  retryMs: 50,
  retryMaxMs: 200,
  stopMs: 300,
  tellFleetMs: 20,
  tellCallsMs: 50,
};

const fleet = { pace: { gatherMs: 50, heartbeatMs: 4_000, startMs: 10_000 } };

/** A bead of a test's plan; the task defaults to a line that names it, by which scripted replies know it. */
export interface TestBead {
  readonly id: string;
  readonly title?: string;
  readonly task?: string;
  readonly needs?: readonly string[];
  readonly files?: readonly string[];
  readonly gates?: readonly string[];
  readonly approvedFiles?: readonly string[];
  readonly tier?: string;
  readonly output?: 'report';
  readonly sections?: readonly string[];
  readonly model?: string;
  readonly fallback?: readonly string[];
  readonly context?: number;
  readonly estimate?: string;
  readonly attempts?: number;
  readonly optional?: boolean;
}

export interface TestTownOptions {
  /** Files of the first commit, besides `check.sh`, the gate. */
  readonly files?: Readonly<Record<string, string>>;
  /** The answer to a call, by the bead that it is for. */
  readonly reply: (bead: string, call: ChatCall) => Reply | Promise<Reply>;
  /** More models on the scripted host, by the name that calls use. */
  readonly models?: Readonly<Record<string, ModelScript>>;
  /** Merged over the configuration, by section. */
  readonly config?: (config: Record<string, unknown>) => Record<string, unknown>;
  readonly pace?: Partial<Pace>;
  /** Leases of hosts are held by processes that the test starts with `hostsElsewhere`, and may kill. */
  readonly hosts?: 'elsewhere';
}

/** A whole town in this process: real server, real git, real gates, a scripted model host over real HTTP. */
export const openTestTown = async (options: TestTownOptions) => {
  quietRuntime();
  const folder = await mkdtemp(join(tmpdir(), 'gastown-town-'));
  const repo = await tempRepo({
    bare: true,
    files: { 'src/start.txt': 'start\n', 'check.sh': check, ...options.files },
  });
  const host = await startModelHost({
    kind: 'openai',
    models: { 'test-model': { context: 32_768 }, ...options.models },
    slots: 16,
    reply: (call) => options.reply(beadOf(call), call),
  });
  const { address, namespace, client } = await freshNamespace();
  const { config, text } = configOf(folder, repo.path, host, options);
  await writeFile(config.file, text);
  const connect = () => NativeConnection.connect({ address });
  const connection = await connect();
  const pace = { ...testPace, ...options.pace };
  const holds = createHolds();
  const common = { connection, connect, namespace, config, graceMs: 500 };

  const startCrew = async (): Promise<Running> =>
    run(
      await hireTownCrew({
        ...common,
        bundle: inject('bundlePath'),
        stickyMs: 500,
        pace,
        interceptors: [holds.interceptor],
      }),
    );
  let town = await startCrew();
  const hosts =
    options.hosts === 'elsewhere'
      ? undefined
      : run(await hireHostCrew({ ...common, fleet, pace: testTendPace }));
  const children: ChildProcess[] = [];
  await ensureEntities(client, config, fleet);

  return {
    client,
    config,
    folder,
    holds,
    host,
    pace,
    /** The remote that the town lands on. */
    repo,

    launch: (convoy: string, beads: readonly TestBead[], more: object = {}): Promise<LaunchedConvoy> => {
      const text = stringify({ convoy, rig: 'rig', beads: beads.map(beadText), ...more });
      const plan = parsePlan(text, join(folder, `${convoy}.yaml`), config);
      return launchConvoy({ client, config, plan, pace });
    },

    /** Resolves when the model is called for a bead, or has been. */
    called: (bead: string) =>
      host.called((call) => JSON.stringify(call.messages).includes(`TASK-OF-${bead}.`)),

    bead: (convoy: string, bead: string, epic = convoy) =>
      client.workflow.getHandle(workflowId.bead({ convoy, epic, bead })),
    beadStatus: (convoy: string, bead: string, epic = convoy): Promise<BeadStatus> =>
      client.workflow.getHandle(workflowId.bead({ convoy, epic, bead })).query('beadStatus'),
    epicStatus: (convoy: string, epic = convoy): Promise<EpicStatus> =>
      client.workflow.getHandle(workflowId.epic(convoy, epic)).query('epicStatus'),
    convoyStatus: (convoy: string): Promise<ConvoyStatus> =>
      client.workflow.getHandle(workflowId.convoy(convoy)).query('convoyStatus'),

    /** A process that would hold the leases of all hosts; resolves when it polls. */
    hostsElsewhere: async (): Promise<ChildProcess> => {
      const script = fileURLToPath(new URL('model/crewProcess.ts', import.meta.url));
      const settings = { address, namespace, folder, file: config.file, fleet, pace: testTendPace };
      const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      await once(child.stdout, 'data');
      return child;
    },

    /** Ends the town's Workers and starts new ones, as a restart of the process would. */
    restart: async (): Promise<void> => {
      await town.stop();
      town = await startCrew();
    },

    async [Symbol.asyncDispose]() {
      await terminateAll(client, namespace);
      for (const child of children) child.kill('SIGKILL');
      await Promise.all([town.stop(), hosts?.stop()]);
      await host[Symbol.asyncDispose]();
      await connection.close();
      await client.connection.close();
      await repo[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
};

export type TestTown = Awaited<ReturnType<typeof openTestTown>>;

/** Asks again until the answer fits. For states that no event announces; bounded, and it fails with the last answer. */
export const eventually = async <T>(
  ask: () => Promise<T>,
  fits: (answer: T) => boolean,
  withinMs = 100_000,
): Promise<T> => {
  const until = performance.now() + withinMs;
  for (let last: unknown, rest = 20; ; rest = Math.min(250, rest * 1.5)) {
    try {
      const answer = await ask();
      if (fits(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > until) throw new Error(`not reached within ${withinMs} ms; last: ${show(last)}`);
    await new Promise((resolve) => setTimeout(resolve, rest));
  }
};

/** A reply of whole files, as the protocol wants it. Each text ends with one newline. */
export const filesReply = (files: Readonly<Record<string, string>>): string =>
  Object.entries(files)
    .map(([path, text]) => `${path}\n\`\`\`\n${text.trimEnd()}\n\`\`\`\n`)
    .join('\n');

interface Running {
  stop(): Promise<void>;
}

const run = (crew: Crew): Running => {
  const running = Promise.all(crew.workers.map((worker) => worker.run()));
  running.catch(() => {});
  return {
    async stop() {
      for (const worker of crew.workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running.catch(() => {});
    },
  };
};

/** The gate of test rigs: red when a file under src says BROKEN, or two say the same CLASH. */
const check = `#!/bin/sh
if grep -rn BROKEN src; then echo "error: something is BROKEN"; exit 1; fi
clashes=$(grep -rho 'CLASH-[a-z]*' src | sort | uniq -d)
if [ -n "$clashes" ]; then echo "error: $clashes twice"; exit 1; fi
`;

const configOf = (
  folder: string,
  repository: string,
  host: ModelHost,
  { config }: TestTownOptions,
): { readonly config: TownConfig; readonly text: string } => {
  const plain = {
    town: { name: 'test', home: join(folder, 'home'), timeZone: 'UTC' },
    hosts: { host: { kind: 'openai', url: host.url, slots: 8 } },
    models: { model: { name: 'test-model', context: 32_768, hosts: ['host'], idleTimeout: '5s' } },
    rigs: {
      rig: { path: repository, gates: [{ name: 'check', run: 'sh check.sh', timeout: '20s' }] },
    },
    // What the machine of the tests has free is no subject of theirs.
    limits: { maxParallel: 8, bead: { attempts: 3, samples: 1 }, minFreeGiB: 0 },
    // Sandboxes have tests of their own, and a whole town in them is in landing.test.ts.
    sandbox: 'off',
  };
  const text = stringify(config?.(plain) ?? plain);
  const around = { env: {}, homedir: folder, timeZone: 'UTC' };
  return { config: parseConfig(text, join(folder, 'gastown.yaml'), around), text };
};

const beadText = ({ task, ...bead }: TestBead) => ({
  title: `Do ${bead.id}`,
  ...bead,
  task: `TASK-OF-${bead.id}.\n${task ?? ''}`,
});

const beadOf = (call: ChatCall): string => {
  const text = JSON.stringify(call.messages);
  return /TASK-OF-([a-z0-9-]+)\./.exec(text)?.[1] ?? '';
};

const terminateAll = async (client: Client, namespace: string): Promise<void> => {
  for await (const { workflowId: id } of client.workflow.list({ query: 'ExecutionStatus="Running"' })) {
    await client.workflow
      .getHandle(id)
      .terminate(`end of test in ${namespace}`)
      .catch(() => {});
  }
};

const show = (value: unknown): string =>
  value instanceof Error ? (value.stack ?? value.message) : JSON.stringify(value, undefined, 1);
