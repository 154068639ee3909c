import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { inject } from 'vitest';
import { stringify } from 'yaml';
import { launchConvoy } from '../../client/launchConvoy.ts';
import { parseConfig, type TownConfig } from '../../deploy/config/index.ts';
import { parsePlan } from '../../deploy/plan/index.ts';
import { openTown } from '../../deploy/town/openTown.ts';
import { type WorkerKind, workerKinds } from '../../deploy/town/programs.ts';
import { type ProcessRole, readRecord } from '../../deploy/town/record.ts';
import type { Town, TownEvent } from '../../deploy/town/town.ts';
import type { ConvoyResult } from '../../workflows/domain/convoy.ts';
import { taskQueue, workflowId } from '../../workflows/domain/naming.ts';
import { defaultPace, type Pace } from '../../workflows/domain/pace.ts';
import { type ChatCall, startModelHost } from '../support/modelHost.ts';
import { tempRepo } from '../support/repo.ts';
import { makeMinefield } from './mines.ts';
import { firstFiles, replyTo, tenBeads } from './tenBeads.ts';
import { spawnersOf } from './watch.ts';

/** A dead worker costs its heartbeat timeouts; everything else is as people have it. */
const crashPace: Pace = {
  ...defaultPace,
  heartbeatMs: 2_000,
  inferHeartbeatMs: 2_000,
  townCallMs: 4_000,
  standingFirstMs: 10_000,
  standingLaterMs: 10_000,
  outlookFirstMs: 5_000,
  baseRedMs: 2_000,
  retryMs: 100,
};

/** Two or three times what it takes while nobody else needs the machine. */
const landWithinMs = 300_000;

export interface CrashTownOptions {
  readonly workers?: { readonly town: number; readonly hosts: number };
  /** `off`: gates of a killed worker go on until somebody finds them. */
  readonly sandbox?: 'sample' | 'off';
  /** Told of every prompt before it is answered; the answer waits for it. */
  readonly onPrompt?: (bead: string, nth: number) => Promise<void> | void;
}

/**
 * A town of real processes on a server with a file, which can be opened, killed piece by piece, closed and opened again;
 * beside it a bare remote, a scripted model host, and a minefield on the workers' PATH.
 */
export const makeCrashTown = async ({ workers, onPrompt, sandbox = 'sample' }: CrashTownOptions = {}) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'gastown-crash-')));
  const repo = await tempRepo({ bare: true, files: firstFiles });
  let prompts = 0;
  const host = await startModelHost({
    kind: 'openai',
    models: { 'test-model': { context: 32_768 } },
    slots: 16,
    reply: async (call) => {
      const bead = beadOf(call);
      prompts++;
      await onPrompt?.(bead, prompts);
      return { text: replyTo(bead, call), dripMs: 20 };
    },
  });
  const home = join(folder, 'home');
  const mines = await makeMinefield(join(folder, 'git'));
  const config = await writeConfig(folder, { home, repository: repo.path, url: host.url, sandbox });
  await shareBundles(home);

  const events: string[] = [];
  const began = performance.now();
  const tell = (what: string): void => {
    events.push(`${((performance.now() - began) / 1_000).toFixed(1)} ${what}`);
  };
  let town: Town | undefined;

  const present = (): Town => {
    if (town === undefined) throw new Error('the town is not open');
    return town;
  };
  const pidsOf = async (role: ProcessRole): Promise<readonly number[]> =>
    ((await readRecord(home))?.pids ?? []).filter((one) => one.role === role).map(({ pid }) => pid);

  return {
    folder,
    home,
    repo,
    host,
    mines,
    events,
    tell,
    prompts: () => prompts,
    client: (): Client => present().client,

    async open(): Promise<void> {
      town = await openTown({
        config,
        temporalCli: inject('temporalCli'),
        ui: false,
        graceMs: 1_000,
        longestRestMs: 500,
        workers: workerKinds(workers ?? { town: 1, hosts: 1 }).map((kind) => hastened(kind, mines.folder)),
        entities: startEntities,
        onEvent: (event) => tell(lineOf(event)),
      });
      await town.ready;
    },

    async close(): Promise<void> {
      await town?.stop();
      town = undefined;
    },

    /** All processes end at once, as in a power cut. */
    async cut(): Promise<void> {
      tell('CUT');
      const roles = ['server', 'town', 'hosts'] as const;
      for (const pid of (await Promise.all(roles.map(pidsOf))).flat()) killQuietly(pid);
      await town?.kill();
      town = undefined;
    },

    /** SIGKILL to one process, not to its group: whatever it started is on its own. */
    async kill(role: 'server' | 'town' | 'hosts' | 'spawner', why: string, at = 0): Promise<void> {
      const pids = role === 'spawner' ? await spawnersOf(await pidsOf('town')) : await pidsOf(role);
      const pid = pids[at % pids.length];
      if (pid === undefined) return;
      tell(`KILL ${role} ${pid}: ${why}`);
      killQuietly(pid);
    },

    /** Stops a worker for longer than its heartbeats, and lets it go on: it does not know that it was given up. */
    async freeze(at: number, ms: number): Promise<void> {
      const pids = await pidsOf('town');
      const pid = pids[at % pids.length];
      if (pid === undefined) return;
      tell(`FREEZE town ${pid}`);
      signalQuietly(pid, 'SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, ms));
      tell(`THAW town ${pid}`);
      signalQuietly(pid, 'SIGCONT');
    },

    /** Launches the ten beads, or joins them when they run already, and waits for the end across all that happens. */
    async land(convoy: string): Promise<ConvoyResult> {
      await this.launch(convoy);
      return this.result(convoy);
    },

    async launch(convoy: string): Promise<void> {
      const beads = tenBeads.map((bead) => ({
        title: `Do ${bead.id}`,
        ...bead,
        task: `TASK-OF-${bead.id}.`,
      }));
      const text = stringify({ convoy, rig: 'rig', beads });
      const plan = parsePlan(text, join(folder, `${convoy}.yaml`), config);
      await launchConvoy({ client: present().client, config, plan, pace: crashPace });
    },

    async result(convoy: string): Promise<ConvoyResult> {
      const giveUpAt = performance.now() + landWithinMs;
      while (performance.now() < giveUpAt) {
        const { client } = present();
        const ended = () => client.workflow.getHandle(workflowId.convoy(convoy)).result();
        try {
          return (await client.withDeadline(Date.now() + 10_000, ended)) as ConvoyResult;
        } catch (error) {
          // The server is dead just now, or the convoy is still at work; only the workflow's own end is an answer.
          if (error instanceof WorkflowFailedError) throw error;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      }
      throw new Error(`not landed within ${landWithinMs} ms\n${await standOf(present().client)}`);
    },

    async [Symbol.asyncDispose]() {
      await town?.kill().catch(() => {});
      await host[Symbol.asyncDispose]();
      await repo[Symbol.asyncDispose]();
      if (process.env['GASTOWN_KEEP'] === undefined)
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      else console.log([`kept ${folder}`, ...events].join('\n'));
    },
  };
};

export type CrashTown = Awaited<ReturnType<typeof makeCrashTown>>;

export const killQuietly = (pid: number): void => signalQuietly(pid, 'SIGKILL');

const signalQuietly = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself a moment before.
  }
};

/** Every open workflow with what it waits for, for the report of a failed test. */
const standOf = async (client: Client): Promise<string> => {
  const lines: string[] = [];
  for await (const { workflowId: id } of client.workflow.list({ query: 'ExecutionStatus="Running"' })) {
    const { raw } = await client.workflow.getHandle(id).describe();
    const calls = (raw.pendingActivities ?? []).map((call) => {
      const said = call.lastFailure?.message?.split('\n', 2).join(' ') ?? '';
      return `  ${call.activityType?.name} attempt ${call.attempt} state ${call.state} ${said}`;
    });
    const task = raw.pendingWorkflowTask;
    lines.push(id, ...calls, ...(task ? [`  workflow task: ${JSON.stringify(task)}`] : []));
    const query = queries[id.split('/')[0] ?? ''];
    if (query === undefined) continue;
    const status = await client
      .withDeadline(Date.now() + 5_000, () => client.workflow.getHandle(id).query(query))
      .catch(String);
    lines.push(`  ${JSON.stringify(status)}`);
  }
  return lines.join('\n');
};

const queries: Readonly<Record<string, string>> = {
  bead: 'beadStatus',
  epic: 'epicStatus',
  host: 'hostStatus',
  refinery: 'refineryStatus',
};

const beadOf = (call: ChatCall): string =>
  /TASK-OF-([a-z0-9-]+)\./.exec(JSON.stringify(call.messages))?.[1] ?? '';

const writeConfig = async (
  folder: string,
  { home, repository, url, sandbox }: Readonly<Record<'home' | 'repository' | 'url' | 'sandbox', string>>,
): Promise<TownConfig> => {
  const file = join(folder, 'gastown.yaml');
  const text = stringify({
    town: { name: 'crash', home, timeZone: 'UTC' },
    hosts: { host: { kind: 'openai', url, slots: 8 } },
    models: { model: { name: 'test-model', context: 32_768, hosts: ['host'], idleTimeout: '10s' } },
    rigs: { rig: { path: repository, gates: [{ name: 'check', run: 'sh check.sh', timeout: '30s' }] } },
    limits: { maxParallel: 8, bead: { attempts: 5 } },
    sandbox,
  });
  await writeFile(file, text);
  const config = parseConfig(text, file, { env: {}, homedir: folder, timeZone: 'UTC' });
  return { ...config, temporal: { ...config.temporal, address: undefined } };
};

/** One bundle for all towns of a run: making it takes seconds. */
const shareBundles = async (home: string): Promise<void> => {
  const shared = join(dirname(inject('bundlePath')), 'bundles');
  await Promise.all([mkdir(shared, { recursive: true }), mkdir(home, { recursive: true })]);
  await symlink(shared, join(home, 'bundles'));
};

const hastened = (kind: WorkerKind, minefield: string): WorkerKind => ({
  ...kind,
  program: (setting) => {
    const program = kind.program(setting);
    const env = { ...(program.env ?? process.env), PATH: `${minefield}:${process.env['PATH']}` };
    return { ...program, args: [...program.args, '--sticky-ms', '500'], env };
  },
});

/** The workflows that live for ever, with short heartbeats; the Refinery too, which beads would start with long ones. */
const startEntities = async (client: Client, config: TownConfig): Promise<void> => {
  const start = (type: string, id: string, input: object) =>
    client.workflow.start(type, {
      workflowId: id,
      taskQueue: taskQueue.town,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  await Promise.all([
    start('town', workflowId.town, { timeZone: config.timeZone, tokensPerDay: config.tokensPerDay }),
    start('host', workflowId.host('host'), { host: 'host', heartbeatMs: 2_000 }),
    start('refinery', workflowId.refinery('rig', 'main'), {
      rig: 'rig',
      target: 'main',
      upstream: undefined,
      pace: crashPace,
    }),
  ]);
};

const lineOf = (event: TownEvent): string => {
  const { kind, ...rest } = event;
  const shown = Object.entries(rest).filter(([key]) => key !== 'log' && key !== 'lastLines');
  return [kind, ...shown.map(([key, value]) => `${key}=${String(value)}`)].join(' ');
};
