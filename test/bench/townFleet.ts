/**
 * `npm run bench:town -- --fleet SCENARIO [--scale 60] [--svg FILE] [--json]`: a scenario of `bench:fleet` through real workflows, Workers and
 * HTTP, against scripted hosts whose times are divided by the scale. Figures are what the hosts saw.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readTimeline } from '../../deploy/report/timeline/readTimeline.ts';
import { timelineSvg } from '../../deploy/report/timeline/svg.ts';
import { stopSignals } from '../../deploy/town/stopSignals.ts';
import { defaultFleetSettings } from '../../workflows/domain/fleet/settings.ts';
import { type ModelHost, startModelHost } from '../support/modelHost.ts';
import { tempRepo } from '../support/repo.ts';
import { openBenchTown } from './benchTown.ts';
import { planned } from './fleet/planned.ts';
import type { Scenario } from './fleet/scenario.ts';
import { runFleet } from './fleet/virtualFleet.ts';
import { workOf } from './fleet/work.ts';

export interface FleetRun {
  readonly scenario: string;
  readonly scale: number;
  readonly landed: number;
  readonly agents: number;
  /** From the first call to the end of the last, in minutes of the scenario. */
  readonly makespanMinutes: number;
  /** What the same planner needs in virtual time. */
  readonly virtualMinutes: number;
  /** Swaps as the hosts saw them. */
  readonly swaps: number;
  /** Calls that reached a model that was not resident, and calls that were refused. */
  readonly strangers: number;
  readonly refused: number;
  /** Calls of beads that the hosts answered; a lost one would be asked again and be one too many. */
  readonly calls: number;
  readonly slotBusyRatio: number;
  /** Where the slots' time went that was not spent on calls, in minutes of the scenario, all slots together. */
  readonly idleMinutes: { readonly swapping: number; readonly empty: number; readonly noCall: number };
}

const gib = 1e9;

/** `svg`: a file for the picture of what the hosts did. */
export const runTownFleet = async (scenario: Scenario, scale: number, svg?: string): Promise<FleetRun> => {
  const folder = await mkdtemp(join(tmpdir(), 'gastown-bench-'));
  const repo = await tempRepo({
    bare: true,
    files: { 'README.md': '# bench\n', 'check.sh': 'test -f README.md\n' },
  });
  const hosts = await startHosts(scenario, scale);
  using signals = stopSignals();
  try {
    await writeFile(join(folder, 'plan.yaml'), stringify(planOf(scenario, scale)));
    await writeFile(
      join(folder, 'gastown.yaml'),
      stringify(configOf(scenario, { scale, folder, hosts, rig: repo.path })),
    );
    const { town, config, launch } = await openBenchTown(folder, signals);
    try {
      const launched = await launch();
      const { landed } = (await launched.handle.result()) as { landed: number };
      const picture = svg === undefined ? undefined : await readTimeline(config.home, 'bench');
      if (svg !== undefined && picture !== undefined) await writeFile(svg, timelineSvg(picture));
      return await figuresOf(scenario, scale, hosts, landed);
    } finally {
      await town.stop();
    }
  } finally {
    for (const host of hosts.values()) await host.close();
    await repo[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};

const startHosts = async (scenario: Scenario, scale: number): Promise<Map<string, ModelHost>> => {
  const minutes = new Map(scenario.agents.map((agent) => [agent.id, agent.minutes / agent.calls]));
  const hosts = new Map<string, ModelHost>();
  for (const { host, slots, memoryGigabytes, serves, initial } of scenario.hosts) {
    const models = scenario.models.filter(({ key }) => serves.includes(key));
    hosts.set(
      host,
      await startModelHost({
        kind: 'ollama',
        slots,
        timeScale: scale,
        loaded: initial,
        ...(memoryGigabytes === undefined ? {} : { memory: memoryGigabytes * gib }),
        models: Object.fromEntries(
          models.map(({ key, context, gigabytes, loadSeconds, unloadSeconds }) => [
            key,
            {
              context,
              loadMs: loadSeconds * 1_000,
              unloadMs: unloadSeconds * 1_000,
              ...(gigabytes === undefined ? {} : { bytes: gigabytes * gib }),
            },
          ]),
        ),
        durationMs: (call) => (minutes.get(agentOf(call.messages)) ?? 0) * 60_000,
        reply: (call) => {
          const agent = agentOf(call.messages);
          return `work/${agent}.txt\n\`\`\`\n${agent}\n\`\`\`\n`;
        },
      }),
    );
  }
  return hosts;
};

/** What looking before and after costs a load or an unload, whatever the scale, ms: the town is told the truth about its hosts. */
const looks = 150;

const agentOf = (messages: readonly { readonly content: string }[]): string =>
  /TASK-OF-([a-z0-9-]+)\./.exec(messages.map(({ content }) => content).join('\n'))?.[1] ?? '';

/** Work that is done elsewhere before the fleet's begins is not the fleet's. */
const planOf = ({ agents }: Scenario, scale: number): object => {
  const ours = new Set(agents.filter(({ model }) => model !== undefined).map(({ id }) => id));
  return {
    convoy: 'bench',
    rig: 'rig',
    beads: agents
      .filter(({ id }) => ours.has(id))
      .map(({ id, model, minutes, needs }) => ({
        id,
        title: `Agent ${id}`,
        task: `TASK-OF-${id}. Write a file.`,
        files: [`work/${id}.txt`],
        model,
        needs: needs.filter((need) => ours.has(need)),
        estimate: `${Math.round((minutes * 60_000) / scale)}ms`,
      })),
  };
};

interface Place {
  readonly scale: number;
  readonly folder: string;
  readonly hosts: ReadonlyMap<string, ModelHost>;
  readonly rig: string;
}

const configOf = (scenario: Scenario, { scale, folder, hosts, rig }: Place): object => {
  const scaled = (ms: number): string => `${Math.max(1, Math.round(ms / scale))}ms`;
  const size = (gigabytes: number): string => `${Math.round((gigabytes * gib) / 2 ** 20)}MiB`;
  return {
    town: { name: 'bench', home: join(folder, 'home'), timeZone: 'UTC' },
    hosts: Object.fromEntries(
      scenario.hosts.map(({ host, slots, memoryGigabytes, coresident }) => [
        host,
        {
          ...{ kind: 'ollama', url: hosts.get(host)?.url, slots },
          ...(coresident === true ? { coresident } : {}),
          ...(memoryGigabytes === undefined ? {} : { memory: size(memoryGigabytes) }),
        },
      ]),
    ),
    models: Object.fromEntries(
      scenario.models.map(({ key, weights, context, gigabytes, loadSeconds, unloadSeconds }) => [
        key,
        {
          ...{ name: key, weights, context },
          maxTokens: 2_048,
          hosts: scenario.hosts.filter(({ serves }) => serves.includes(key)).map(({ host }) => host),
          loadTime: scaled(loadSeconds * 1_000 + looks * scale),
          unloadTime: scaled(unloadSeconds * 1_000 + looks * scale),
          ...(gigabytes === undefined ? {} : { memory: size(gigabytes) }),
        },
      ]),
    ),
    rigs: { rig: { path: rig, gates: [{ name: 'check', run: 'sh check.sh' }], limits: { maxWorkers: 64 } } },
    limits: { maxParallel: 64, minFreeGiB: 0, bead: { samples: 1 } },
    metrics: { port: 0 },
    fleet: {
      maxWait: scaled(scenario.maxWaitMinutes * 60_000),
      minResidency: scaled(120_000),
      leastGain: scaled(6_000),
    },
  };
};

const figuresOf = async (
  scenario: Scenario,
  scale: number,
  hosts: ReadonlyMap<string, ModelHost>,
  landed: number,
): Promise<FleetRun> => {
  const events = [...hosts.values()].flatMap(({ timeline }) => timeline);
  const real = events.filter(({ call }) => call !== undefined);
  const from = Math.min(...real.filter(({ event }) => event === 'chat').map(({ at }) => at));
  const to = Math.max(...real.filter(({ event }) => event === 'chatEnd').map(({ at }) => at));
  const figures = [...hosts.values()].map((host) => host.figures({ from, to }));
  const sum = (of: (one: (typeof figures)[number]) => number): number =>
    figures.reduce((total, one) => total + of(one), 0);
  const inMinutes = (ms: number): number => round(ms / 60_000);
  const work = workOf(scenario);
  const virtual = runFleet(work, planned('planned', { ...defaultFleetSettings, maxWaitMs: work.maxWaitMs }));
  return {
    scenario: scenario.name,
    scale,
    landed,
    agents: scenario.agents.filter(({ model }) => model !== undefined).length,
    makespanMinutes: inMinutes((to - from) * scale),
    virtualMinutes: inMinutes(virtual.makespanMs),
    swaps: sum(({ loads }) => loads),
    strangers: sum(({ strangers }) => strangers),
    refused: sum(({ refused }) => refused),
    calls: sum(({ calls }) => calls),
    slotBusyRatio: round(
      sum(({ slotBusyMs }) => slotBusyMs) /
        ((to - from) * scale * scenario.hosts.reduce((slots, host) => slots + host.slots, 0)),
    ),
    idleMinutes: {
      swapping: inMinutes(sum(({ idleMs }) => idleMs.swapping)),
      empty: inMinutes(sum(({ idleMs }) => idleMs.empty)),
      noCall: inMinutes(sum(({ idleMs }) => idleMs.noCall)),
    },
  };
};

const round = (value: number): number => Math.round(value * 100) / 100;
