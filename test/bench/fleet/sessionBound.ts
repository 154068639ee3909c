import { servesCallsOf } from '../../../workflows/domain/fleet/dominance.ts';
import type { FleetModel } from '../../../workflows/domain/fleet/fleet.ts';
import { fitsTogether } from '../../../workflows/domain/fleet/memory.ts';
import { swapMs } from '../../../workflows/domain/fleet/swapCost.ts';
import { shortestSession } from './optimum.ts';
import type { Work, WorkStage } from './work.ts';

/** Orders of more models than these are too many to try. */
const mostModels = 6;

/**
 * What one host that holds one model at a time needs at least, ms: the shortest time for the work of each model alone, and the
 * cheapest order of loading them; or the longest way, with the swaps on it. 0 where models share hosts in another way.
 */
export const sessionBoundMs = ({ hosts, models, stages }: Work): number => {
  const [host, ...others] = hosts;
  const used = models.filter(({ key }) => stages.some(({ model }) => model === key));
  if (host === undefined || others.length > 0 || used.length > mostModels) return 0;
  const room = { memory: host.memory, coresident: host.coresident === true };
  const share = models.some((one) =>
    models.some((other) => one !== other && (fitsTogether(room, [one, other]) || servesCallsOf(one, other))),
  );
  if (share) return 0;
  const initial = models.filter(({ key }) => host.initial.includes(key));
  const work = used.map(({ key }) =>
    aloneMs(
      stages.filter(({ model }) => model === key),
      host.slots,
    ),
  );
  const sessions = work.reduce((sum, ms) => sum + ms, 0) + cheapestOrderMs(initial, used);
  return Math.max(sessions, wayWithSwaps(models, stages));
};

/** The longest way through the work, with a swap wherever the next stage is another model's. */
const wayWithSwaps = (models: readonly FleetModel[], stages: readonly WorkStage[]): number => {
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  const modelOf = ({ model }: WorkStage): FleetModel[] => models.filter(({ key }) => key === model);
  const between = (from: WorkStage, to: WorkStage): number =>
    from.model === undefined || to.model === undefined ? 0 : swapMs(modelOf(from), modelOf(to));
  const ends = new Map<string, number>();
  const endOf = (stage: WorkStage): number => {
    const known = ends.get(stage.id);
    if (known !== undefined) return known;
    const needed = stage.needs.flatMap((id) => byId.get(id) ?? []);
    const own = stage.calls.reduce((sum, { gapMs, callMs }) => sum + gapMs + callMs, 0);
    const end = own + Math.max(0, ...needed.map((before) => endOf(before) + between(before, stage)));
    ends.set(stage.id, end);
    return end;
  };
  return Math.max(0, ...stages.map(endOf));
};

const aloneMs = (stages: readonly WorkStage[], slots: number): number => {
  const lengths = stages.map(({ calls }) => calls.reduce((sum, { callMs }) => sum + callMs, 0));
  if (stages.every(({ calls }) => calls.length === 1)) return shortestSession(lengths, slots);
  return Math.max(...lengths, lengths.reduce((sum, ms) => sum + ms, 0) / slots);
};

const cheapestOrderMs = (loaded: readonly FleetModel[], left: readonly FleetModel[]): number =>
  left.length === 0
    ? 0
    : Math.min(
        ...left.map(
          (next) =>
            swapMs(loaded, [next]) +
            cheapestOrderMs(
              [next],
              left.filter((model) => model !== next),
            ),
        ),
      );
