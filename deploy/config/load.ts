import { basename, dirname, join, resolve } from 'node:path';
import { millionths } from '../../workflows/domain/budget/money.ts';
import type { Gate } from '../../workflows/domain/rig.ts';
import { checkShape } from '../input/checkShape.ts';
import { InputRejected, inFileOrder } from '../input/rejected.ts';
import { parseYaml, readYaml, type YamlSource } from '../input/yamlSource.ts';
import { craftOf } from './craft.ts';
import { crossCheck } from './crossCheck.ts';
import { fleetOf } from './fleetFacts.ts';
import { homeOf, pathBeside } from './home.ts';
import { ladders } from './ladders.ts';
import { mayorOf } from './mayor.ts';
import { priceOf } from './price.ts';
import { parseLand } from './rigSchema.ts';
import { routesOf } from './routes.ts';
import { type ConfigFile, configSchema } from './schema.ts';
import { here, type Surroundings } from './surroundings.ts';
import type { TownConfig } from './townConfig.ts';
import { warningsOf } from './warnings.ts';

/** Reads and checks `gastown.yaml`. Throws `InputRejected` with every mistake in it. */
export const loadConfig = async (file: string, around: Surroundings = here()): Promise<TownConfig> =>
  toTownConfig(await readYaml(resolve(file), 'configuration'), around);

/** The same for a text in hand; paths in it are relative to `file`. */
export const parseConfig = (text: string, file: string, around: Surroundings = here()): TownConfig =>
  toTownConfig(parseYaml(text, resolve(file), 'configuration'), around);

const toTownConfig = (source: YamlSource, around: Surroundings): TownConfig => {
  const { value, faults } = checkShape(configSchema, source);
  const crossed = crossCheck(source);
  // A missing or empty list of gates is told once, with its reason.
  const told = new Set(crossed.map(({ at }) => at).filter((at) => at.endsWith('.gates')));
  const all = [...faults.filter(({ at }) => !told.has(at)), ...crossed];
  if (value === undefined || all.length > 0) throw new InputRejected(inFileOrder(all));
  return townConfig(source.file, value, around);
};

const townConfig = (file: string, written: ConfigFile, around: Surroundings): TownConfig => {
  const { town, limits } = written;
  const config = {
    file,
    name: town.name,
    home: homeOf(town, file, around),
    timeZone: town.timeZone ?? around.timeZone,
    tokensPerDay: town.budget.tokensPerDay,
    moneyPerDay: moneyOf(town.budget.moneyPerDay),
    currency: town.budget.currency,
    hosts: Object.entries(written.hosts).map(([name, host]) => ({
      name,
      kind: host.kind,
      url: new URL(host.url).origin,
      slots: host.slots,
      coresident: host.coresident,
      apiKeyEnv: host.apiKeyEnv,
      quiet: host.quiet,
      ...given('memoryBytes', host.memory),
      ...given('reserveBytes', host.reserve),
      ...given('sleep', host.sleep),
      ...given('commands', host.commands),
    })),
    models: Object.entries(written.models).map(([key, model]) => ({
      key,
      name: model.name,
      context: model.context,
      maxTokens: model.maxTokens,
      temperature: model.temperature,
      edits: model.edits,
      tier: model.tier,
      hosts: [...new Set(model.hosts)],
      firstTokenMs: model.firstTokenTimeout,
      idleMs: model.idleTimeout,
      callTimeoutMs: model.callTimeout,
      ...given('memoryBytes', model.memory),
      ...given('weights', model.weights),
      ...given('loadMs', model.loadTime),
      ...given('unloadMs', model.unloadTime),
      ...priceOf(model),
    })),
    ladders: ladders(written),
    craft: craftOf(written),
    ...fleetOf(written),
    ...given('routes', routesOf(written)),
    ...(written.roles.polecat === undefined ? { infersTiers: true as const } : {}),
    mayor: mayorOf(written),
    notify: written.notify,
    rigs: Object.entries(written.rigs).map(([name, rig]) => ({
      name,
      source: rig.url ?? pathBeside(file, rig.path ?? '', around),
      branch: rig.branch,
      land: parseLand(rig.land) ?? { mode: 'push' as const },
      setup: rig.setup,
      setupTimeoutMs: rig.setupTimeout,
      caches: rig.caches.map(withoutSlash),
      cacheKey: rig.cacheKey,
      sparse: rig.sparse.map(withoutSlash),
      notes: rig.notes,
      mapTokens: rig.mapTokens,
      gates: rig.gates.map(gateOf),
      format: rig.format === undefined ? undefined : { run: rig.format, timeoutMs: rig.formatTimeout },
      nearest: rig.nearest === undefined ? undefined : { run: rig.nearest, timeoutMs: rig.nearestTimeout },
      network: rig.network,
      cloud: rig.cloud,
      sandbox: written.sandbox,
      ...limitsOf(rig.limits),
    })),
    limits: {
      maxParallel: limits.maxParallel,
      pacing: limits.pacing,
      spawnDelayMs: limits.workerSpawnDelay,
      tokensPerConvoy: limits.tokensPerConvoy,
      moneyPerConvoy: moneyOf(limits.moneyPerConvoy),
      caps: {
        turns: limits.bead.turns,
        tokens: limits.bead.tokens,
        wallMs: limits.bead.time,
        attempts: limits.bead.attempts,
        ...(limits.bead.money === undefined ? {} : { money: millionths(limits.bead.money) }),
      },
      minFreeBytes: limits.minFreeGiB * 2 ** 30,
    },
    patrol: {
      everyMs: written.patrol.every,
      silentAfterMs: written.patrol.silentAfter,
      leaveAloneMs: written.patrol.leaveAlone,
    },
    metrics: written.metrics.port === 0 ? undefined : written.metrics,
    temporal: {
      address: written.temporal.address,
      namespace: written.temporal.namespace ?? `gastown-${town.name}`,
    },
  };
  return { ...config, warnings: warningsOf(config) };
};

const moneyOf = (written: number | undefined): number | undefined =>
  written === undefined ? undefined : millionths(written);

/** A field that is there only where it was written. */
const given = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });

/** A gate, with what it has to show only where that is asked for. */
const gateOf = ({ name, run, timeout, report, compile, tests }: WrittenGate): Gate => ({
  ...{ name, run, timeoutMs: timeout },
  ...given('report', report === undefined ? undefined : withoutSlash(report)),
  ...(compile ? { compile } : {}),
  ...(tests ? { tests } : {}),
});

type WrittenGate = ConfigFile['rigs'][string]['gates'][number];

const limitsOf = ({ maxWorkers, tests, ...runLimits }: ConfigFile['rigs'][string]['limits']) => ({
  maxWorkers,
  ...given('tests', tests),
  runLimits,
});

const withoutSlash = (path: string): string =>
  path.endsWith('/') ? join(dirname(path), basename(path)) : path;
