import { servesCallsOf } from '../../../workflows/domain/fleet/dominance.ts';
import type { FleetModel } from '../../../workflows/domain/fleet/fleet.ts';
import type { Work, WorkStage } from './work.ts';

/** No schedule ends sooner, ms: the longest way through the work, and all of it with the loads that it needs over all slots. */
export const lowerBound = (
  work: Work,
): { readonly wayMs: number; readonly areaMs: number; readonly boundMs: number } => {
  const wayMs = longestWay(work.stages);
  const areaMs = areaOf(work);
  return { wayMs, areaMs, boundMs: Math.max(wayMs, areaMs) };
};

const lengthOf = ({ calls }: WorkStage): number =>
  calls.reduce((sum, { gapMs, callMs }) => sum + gapMs + callMs, 0);

/** Stages stand after what they need, or anywhere. */
export const longestWay = (stages: readonly WorkStage[]): number => {
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  const ends = new Map<string, number>();
  const endOf = (stage: WorkStage): number => {
    const known = ends.get(stage.id);
    if (known !== undefined) return known;
    const needed = stage.needs.flatMap((id) => byId.get(id) ?? []);
    const end = lengthOf(stage) + Math.max(0, ...needed.map(endOf));
    ends.set(stage.id, end);
    return end;
  };
  return Math.max(0, ...stages.map(endOf));
};

const areaOf = ({ models, hosts, stages }: Work): number => {
  const slots = hosts.reduce((sum, host) => sum + host.slots, 0);
  const fewest = Math.min(...hosts.map((host) => host.slots));
  const own = stages.filter(({ model }) => model !== undefined);
  const workMs = own.flatMap(({ calls }) => calls).reduce((sum, { callMs }) => sum + callMs, 0);
  const loads = neededLoads(models, hosts, own).reduce((sum, { loadMs }) => sum + loadMs, 0);
  // While a model is loaded beside others, the slots go on with those.
  const blocks =
    hosts.every(({ memory, coresident }) => memory === undefined && coresident !== true) ||
    hosts.every((host) => holdsOne(host, models));
  return (workMs + (blocks ? fewest * loads : 0)) / slots;
};

const holdsOne = ({ memory, coresident }: Work['hosts'][number], models: readonly FleetModel[]): boolean => {
  if (coresident === true) return false;
  const [first, second] = models.map(({ bytes }) => bytes ?? Infinity).toSorted((a, b) => a - b);
  return memory === undefined || (first ?? Infinity) + (second ?? Infinity) > memory;
};

/** Models with work whose calls nothing that is resident in the beginning can serve. */
const neededLoads = (
  models: readonly FleetModel[],
  hosts: Work['hosts'],
  stages: readonly WorkStage[],
): readonly FleetModel[] => {
  const initial = models.filter(({ key }) => hosts.some((host) => host.initial.includes(key)));
  const used = models.filter(({ key }) => stages.some(({ model }) => model === key));
  const open = used.filter((called) => !initial.some((held) => servesCallsOf(held, called)));
  // Of two with the same weights the larger context is enough.
  return open.filter((one) => !open.some((other) => other !== one && servesCallsOf(other, one)));
};
