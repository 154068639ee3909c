import { assemble } from '../../workflows/domain/fleet/assemble.ts';
import { type FleetFacts, hasChoice } from '../../workflows/domain/fleet/facts.ts';
import type { FleetSettings, FleetState } from '../../workflows/domain/fleet/fleet.ts';
import { nextExpiry, withoutExpired } from '../../workflows/domain/fleet/known.ts';
import { planFleet } from '../../workflows/domain/fleet/plan.ts';
import { defaultFleetSettings } from '../../workflows/domain/fleet/settings.ts';
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
    // All that depends on the time is decided here, and told by what is recorded: a workflow that asked the clock would decide
    // otherwise when it is replayed.
    const current = withoutExpired(known, now);
    const state = assemble(current, facts, now);
    const plan = planFleet(state, settings ?? onlyOrders);
    const steered = (host: string): boolean => Object.keys(current.steering[host] ?? {}).length > 0;
    return {
      plan: { ...plan, againAt: earliest(plan.againAt, nextExpiry(current)) },
      demand: demandIn(state),
      free: facts.hosts
        .filter((host) => !steered(host.host) && (settings === undefined || !hasChoice(host)))
        .map(({ host }) => host),
      firm: facts.hosts.map(({ host }) => host).filter(steered),
    };
  },
});

/** Where nothing is to be planned, what people ask for is done all the same. */
const onlyOrders: FleetSettings = { ...defaultFleetSettings, lookAhead: false };

const earliest = (...moments: readonly (number | undefined)[]): number | undefined => {
  const known = moments.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

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
