import { assemble } from '../../workflows/domain/fleet/assemble.ts';
import type { FleetFacts, HostFacts } from '../../workflows/domain/fleet/facts.ts';
import type { FleetPlan, FleetSettings, FleetState } from '../../workflows/domain/fleet/fleet.ts';
import type { KnownFleet } from '../../workflows/domain/fleet/known.ts';
import { planFleet } from '../../workflows/domain/fleet/plan.ts';
import type { ModelDemand } from '../../workflows/domain/fleet/status.ts';
import type { PlannerPort } from '../../workflows/ports.ts';

/** What the fleet is planned with, from the configuration of the process that plans. */
export interface FleetConfig {
  readonly facts: FleetFacts;
  /** Undefined where hosts are to go by their own rule. */
  readonly settings: FleetSettings | undefined;
}

/** The plan of the fleet, as a local activity: a better policy replays what an older one decided. */
export const createFleetPlanner = ({ facts, settings }: FleetConfig): Pick<PlannerPort, 'planFleet'> => ({
  async planFleet(known, now) {
    const state = assemble(known, facts, now);
    return {
      plan: settings === undefined ? noPlan(now) : planFleet(state, settings),
      demand: demandIn(state),
      free: facts.hosts.filter((host) => !hasChoice(host, known)).map(({ host }) => host),
    };
  },
});

const noPlan = (at: number): FleetPlan => ({ at, endsAt: undefined, hosts: [], againAt: undefined });

/** With one model, or all together, there is nothing to choose, unless a person has asked for something. */
const hasChoice = ({ host, serves, coresident }: HostFacts, { steering }: KnownFleet): boolean =>
  (serves.length > 1 && !coresident) || Object.keys(steering[host] ?? {}).length > 0;

const demandIn = ({ now, models, stages }: FleetState): readonly ModelDemand[] =>
  models.flatMap(({ key }) => {
    const own = stages.filter(({ model }) => model === key);
    if (own.length === 0) return [];
    const ready = own.filter(({ state }) => state === 'ready');
    const running = own.filter(({ state }) => state === 'running').length;
    return {
      ...{ model: key, ready: ready.length, running, coming: own.length - ready.length - running },
      waitedMs: Math.max(0, ...ready.map(({ at }) => now - at)),
    };
  });
