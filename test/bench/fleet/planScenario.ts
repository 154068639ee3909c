import { dirname, join } from 'node:path';
import { fleetFacts } from '../../../deploy/config/fleetFacts.ts';
import { loadConfig } from '../../../deploy/config/index.ts';
import { loadPlan } from '../../../deploy/plan/index.ts';
import { ownLadder } from '../../../deploy/plan/ownLadder.ts';
import { ladderOf } from '../../../workflows/domain/bead/ladder.ts';
import type { Scenario } from './scenario.ts';

const gigabyte = 1e9;

/** What a bead without an estimate is taken for, minutes. */
const usualMinutes = 10;

/**
 * A plan as a scenario: beads are agents by their model and estimate, hosts and models are those of the gastown.yaml beside it.
 * `loaded`: what hosts hold in the beginning, as `HOST=MODEL`.
 */
export const planScenario = async (file: string, loaded: readonly string[]): Promise<Scenario> => {
  const config = await loadConfig(join(dirname(file), 'gastown.yaml'));
  const plan = await loadPlan(file, config);
  const { hosts, models } = fleetFacts(config.hosts, config.models);
  const initial = new Map(
    loaded.map((text): [string, string] => {
      const [host = '', model = ''] = text.split('=');
      const served = hosts.find((one) => one.host === host)?.serves ?? [];
      if (served.includes(model)) return [host, model];
      const known = hosts.flatMap((one) => one.serves.map((key) => `${one.host}=${key}`));
      throw new Error(`--loaded ${text}: expected HOST=MODEL, one of ${known.join(', ')}.`);
    }),
  );
  const size = (bytes: number | undefined): number | undefined =>
    bytes === undefined ? undefined : bytes / gigabyte;
  return {
    name: plan.convoy,
    about: plan.title,
    maxWaitMinutes: (config.fleet?.maxWaitMs ?? 0) / 60_000,
    models: models.map(({ key, weights, context, bytes, loadMs, unloadMs }) => ({
      ...{ key, weights, context, gigabytes: size(bytes) },
      ...{ loadSeconds: loadMs / 1_000, unloadSeconds: unloadMs / 1_000 },
    })),
    hosts: hosts.map(({ host, slots, memory, serves }) => ({
      ...{ host, slots, serves, memoryGigabytes: size(memory) },
      initial: initial.has(host) ? [initial.get(host) ?? ''] : [],
    })),
    agents: plan.epics
      .flatMap(({ beads }) => beads)
      .map((bead) => ({
        id: bead.id,
        model: (ownLadder(bead, config) ?? ladderOf({ tier: bead.tier }, config))[0]?.model,
        minutes: bead.estimateMs === undefined ? usualMinutes : bead.estimateMs / 60_000,
        calls: 1,
        pauseSeconds: 0,
        needs: bead.needs,
      })),
  };
};
