import { basename } from 'node:path';
import type * as z from 'zod';
import { checkShape } from '../../../deploy/input/checkShape.ts';
import { InputRejected, inFileOrder } from '../../../deploy/input/rejected.ts';
import { slugFrom } from '../../../deploy/input/slug.ts';
import { readYaml } from '../../../deploy/input/yamlSource.ts';
import { scenarioFaults } from './scenarioFaults.ts';
import { scenarioSchema } from './scenarioSchema.ts';

export interface ScenarioModel {
  readonly key: string;
  /** Names the weights: of two models with the same, the one with the larger context serves calls of both. */
  readonly weights: string;
  /** Tokens. */
  readonly context: number;
  /** Undefined: not told, so that it has a host for itself. */
  readonly gigabytes: number | undefined;
  readonly loadSeconds: number;
  readonly unloadSeconds: number;
}

export interface ScenarioHost {
  readonly host: string;
  readonly slots: number;
  /** Undefined: not told, so that it holds one model at a time. */
  readonly memoryGigabytes: number | undefined;
  /** It holds all that it serves at once, however large they are. */
  readonly coresident?: boolean;
  /** Models that it may hold. */
  readonly serves: readonly string[];
  /** Models that are resident in the beginning. */
  readonly initial: readonly string[];
}

/** Somebody's work: some calls of one model, one after the other, with pauses between them. */
export interface ScenarioAgent {
  readonly id: string;
  /** Undefined: works elsewhere and takes no host's time. */
  readonly model: string | undefined;
  /** Of all of its calls together, without the pauses. */
  readonly minutes: number;
  readonly calls: number;
  readonly pauseSeconds: number;
  readonly needs: readonly string[];
}

/** A fleet and a piece of work for it. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly models: readonly ScenarioModel[];
  readonly hosts: readonly ScenarioHost[];
  readonly agents: readonly ScenarioAgent[];
  /** How long a call may wait for its model. */
  readonly maxWaitMinutes: number;
}

/** Reads a scenario file. Throws `InputRejected` with every mistake in it: its line, what it is, and what to write. */
export const readScenario = async (file: string): Promise<Scenario> => {
  const source = await readYaml(file, 'scenario');
  const { value, faults } = checkShape(scenarioSchema, source);
  const all = [...faults, ...scenarioFaults(source)];
  if (value === undefined || all.length > 0) throw new InputRejected(inFileOrder(all));
  return scenarioOf(value, file);
};

const scenarioOf = (written: z.infer<typeof scenarioSchema>, file: string): Scenario => {
  const agents = Object.entries(written.agents).map(([id, agent]) => ({
    id,
    model: agent.cloud ? undefined : agent.model,
    minutes: agent.minutes ?? 0,
    calls: agent.calls,
    pauseSeconds: agent.pauseSeconds,
    needs: [...new Set(agent.needs)],
  }));
  const longest = Math.max(0, ...agents.map(({ minutes, calls }) => minutes / calls));
  return {
    name: written.name ?? slugFrom(basename(file).split('.')[0] ?? ''),
    about: written.about ?? '',
    models: Object.entries(written.models).map(([key, model]) => ({
      key,
      weights: model.weights ?? key,
      context: model.context ?? 32_768,
      gigabytes: model.gigabytes,
      loadSeconds: model.loadSeconds,
      unloadSeconds: model.unloadSeconds,
    })),
    hosts: Object.entries(written.hosts).map(([host, { initial, serves, ...rest }]) => ({
      host,
      slots: rest.slots,
      memoryGigabytes: rest.memoryGigabytes,
      serves: serves ?? Object.keys(written.models),
      initial: [initial ?? []].flat(),
    })),
    agents,
    maxWaitMinutes: written.maxWaitMinutes ?? Math.max(15, 4 * longest),
  };
};
