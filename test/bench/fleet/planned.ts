import { servesCallsOf } from '../../../workflows/domain/fleet/dominance.ts';
import type {
  FleetModel,
  FleetPlan,
  FleetSettings,
  FleetState,
  Stage,
} from '../../../workflows/domain/fleet/fleet.ts';
import { planFleet } from '../../../workflows/domain/fleet/plan.ts';
import { upwardRanks } from '../../../workflows/domain/fleet/ranks.ts';
import { openOn, type Policy, type VirtualFleet, type VirtualHost } from './virtualFleet.ts';
import type { WorkStage } from './work.ts';

/** Where virtual time begins: a moment like any other, so that nothing counts on zero. */
const epochMs = 1_700_000_000_000;

/** The production planner, asked at every event as the town would; calls of higher rank are pulled first. */
export const planned = (
  name: string,
  settings: FleetSettings,
  see?: (state: FleetState, plan: FleetPlan) => void,
): Policy => {
  let moment = -1;
  let plan: FleetPlan | undefined;
  let ranks: ReadonlyMap<string, number> = new Map();
  let rankedAt = -1;
  return {
    name,
    pick: (host, fleet) => {
      if (rankedAt !== fleet.moment) {
        rankedAt = fleet.moment;
        ranks = upwardRanks(stagesOf(fleet));
      }
      const rank = ({ stage }: { readonly stage: WorkStage }): number => ranks.get(stage.id) ?? 0;
      const open = openOn(host);
      const [call] = fleet.waiting
        .filter(({ model }) => serverOf(fleet, host, open, model) !== undefined)
        .toSorted(
          (a, b) =>
            rank(b) - rank(a) || fleet.work.stages.indexOf(a.stage) - fleet.work.stages.indexOf(b.stage),
        );
      const by = call && serverOf(fleet, host, open, call.model);
      return call === undefined || by === undefined ? undefined : { call, by };
    },
    change: (host, fleet) => {
      if (moment !== fleet.moment) {
        moment = fleet.moment;
        const state = stateOf(fleet);
        plan = planFleet(state, settings);
        see?.(state, plan);
      }
      return plan?.hosts.find((decision) => decision.host === host.host)?.want;
    },
    againAt: () => (plan?.againAt === undefined ? undefined : plan.againAt - epochMs),
  };
};

const serverOf = (
  { models }: VirtualFleet,
  { serves }: VirtualHost,
  open: readonly string[],
  called: string,
): string | undefined =>
  serves.includes(called)
    ? open.find((held) => servesCallsOf(models.get(held) as FleetModel, models.get(called) as FleetModel))
    : undefined;

/** What the town would know at this moment. */
export const stateOf = (fleet: VirtualFleet): FleetState => ({
  now: epochMs + fleet.now,
  models: fleet.work.models,
  hosts: fleet.hosts.map((host) => ({
    ...{ host: host.host, slots: host.slots, memory: host.memory, serves: host.serves },
    coresident: host.coresident === true,
    resident: openOn(host),
    since: epochMs + host.since,
    running: host.running.map(({ call, since }) => ({
      ...{ model: call.model, stage: call.stage.id, since: epochMs + since },
    })),
    ...(host.change && {
      swap: { to: host.change.to, endsAt: epochMs + Math.max(host.change.endsAt, fleet.now) },
    }),
  })),
  stages: stagesOf(fleet),
});

const stagesOf = (fleet: VirtualFleet): readonly Stage[] =>
  fleet.work.stages.flatMap((stage): Stage | [] => {
    const standing = fleet.standing.get(stage.id);
    if (standing === undefined || standing.state === 'ended') return [];
    const index = standing.state === 'coming' ? 0 : standing.index;
    const gaps = stage.calls.slice(index + 1).map(({ gapMs }) => gapMs);
    return {
      ...{
        id: stage.id,
        model: stage.model ?? 'elsewhere',
        kind: stage.model ?? 'elsewhere',
        needs: stage.needs,
      },
      ...{ calls: stage.calls.length - index, callMs: stage.expectedCallMs },
      ...(stage.certain ? { spread: 0 } : {}),
      gapMs: gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(1, gaps.length),
      ...{ state: standing.state, at: epochMs + (standing.state === 'coming' ? fleet.now : standing.at) },
    };
  });
