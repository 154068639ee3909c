import { dirname, join } from 'node:path';
import { fleetFacts } from '../../../deploy/config/fleetFacts.ts';
import { loadConfig } from '../../../deploy/config/index.ts';
import { loadPlan } from '../../../deploy/plan/index.ts';
import { ownLadder } from '../../../deploy/plan/ownLadder.ts';
import { ladderOf } from '../../../workflows/domain/bead/ladder.ts';
import type { HostFacts } from '../../../workflows/domain/fleet/facts.ts';
import { defaultFleetSettings } from '../../../workflows/domain/fleet/settings.ts';
import { BadInput } from '../badInput.ts';
import type { Scenario } from './scenario.ts';

const gigabyte = 1e9;

/** What a bead without an estimate is taken for, minutes. */
const usualMinutes = 10;

/**
 * A plan as a scenario: beads are agents by their model and estimate, hosts and models are those of the gastown.yaml beside it.
 * `loaded`: what hosts hold in the beginning, as `HOST=MODEL`; a host that holds all of its models together holds them then, too.
 */
export const planScenario = async (file: string, loaded: readonly string[]): Promise<Scenario> => {
  const config = await loadConfig(join(dirname(file), 'gastown.yaml'));
  const plan = await loadPlan(file, config);
  const { hosts, models } = fleetFacts(config.hosts, config.models);
  const initial = initialOf(hosts, loaded);
  const size = (bytes: number | undefined): number | undefined =>
    bytes === undefined ? undefined : bytes / gigabyte;
  const nameOf = namesOf(plan.epics);
  const byId = new Map(plan.epics.map((epic) => [epic.id, epic]));
  return {
    name: plan.convoy,
    about: plan.title,
    // Where the town is not to plan, a policy that does has the usual bound.
    maxWaitMinutes: (config.fleet ?? defaultFleetSettings).maxWaitMs / 60_000,
    models: models.map(({ key, weights, context, bytes, loadMs, unloadMs }) => ({
      ...{ key, weights, context, gigabytes: size(bytes) },
      ...{ loadSeconds: loadMs / 1_000, unloadSeconds: unloadMs / 1_000 },
    })),
    hosts: hosts.map(({ host, slots, memory, coresident, serves }) => ({
      ...{ host, slots, serves, memoryGigabytes: size(memory) },
      ...(coresident ? { coresident } : {}),
      initial: initial.get(host) ?? [],
    })),
    agents: plan.epics.flatMap((epic) =>
      epic.beads.map((bead) => ({
        id: nameOf(epic, bead.id),
        model: (ownLadder(bead, config) ?? ladderOf({ tier: bead.tier }, config))[0]?.model,
        minutes: bead.estimateMs === undefined ? usualMinutes : bead.estimateMs / 60_000,
        calls: 1,
        pauseSeconds: 0,
        needs: [
          ...bead.needs.map((need) => nameOf(epic, need)),
          // An epic starts when those that it needs have landed wholly.
          ...epic.needs
            .flatMap((id) => byId.get(id) ?? [])
            .flatMap((before) => before.beads.map(({ id }) => nameOf(before, id))),
        ],
      })),
    ),
  };
};

const initialOf = (
  hosts: readonly HostFacts[],
  loaded: readonly string[],
): ReadonlyMap<string, readonly string[]> => {
  const initial = new Map(
    hosts.flatMap(({ host, coresident, serves }) => (coresident ? [[host, serves]] : [])),
  );
  for (const text of loaded) {
    const [host = '', model = ''] = text.split('=');
    const found = hosts.find((one) => one.host === host);
    if (found?.serves.includes(model) !== true) {
      const known = hosts.flatMap((one) => one.serves.map((key) => `${one.host}=${key}`));
      throw new BadInput({
        what: `--loaded ${text} cannot be.`,
        evidence: `the hosts and their models are ${known.join(', ')}`,
        next: 'Write one of these as HOST=MODEL.',
      });
    }
    if (!found.coresident) initial.set(host, [model]);
  }
  return initial;
};

interface Named {
  readonly id: string;
}
type NameOf = (epic: Named, bead: string) => string;

/** The id of a bead, with that of its epic where several epics have one of that name. */
const namesOf = (epics: readonly (Named & { readonly beads: readonly Named[] })[]): NameOf => {
  const ids = epics.flatMap(({ beads }) => beads.map(({ id }) => id));
  const twice = new Set(ids.filter((id, at) => ids.indexOf(id) !== at));
  const names = new Map<string, string>();
  const taken = new Set(ids.filter((id) => !twice.has(id)));
  for (const epic of epics) {
    for (const { id } of epic.beads.filter((bead) => twice.has(bead.id))) {
      let name = `${epic.id}-${id}`;
      for (let copy = 2; taken.has(name); copy++) name = `${epic.id}-${id}-${copy}`;
      taken.add(name);
      names.set(`${epic.id}/${id}`, name);
    }
  }
  return (epic, bead) => names.get(`${epic.id}/${bead}`) ?? bead;
};
