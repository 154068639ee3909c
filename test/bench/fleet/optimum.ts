import { servesCallsOf } from '../../../workflows/domain/fleet/dominance.ts';
import type { FleetModel } from '../../../workflows/domain/fleet/fleet.ts';
import { fitsTogether } from '../../../workflows/domain/fleet/memory.ts';
import { swapMs } from '../../../workflows/domain/fleet/swapCost.ts';
import type { Work, WorkStage } from './work.ts';

const mostTasks = 16;

interface Task {
  readonly ms: number;
  readonly model: FleetModel;
  /** A bit for each task that must end first. */
  readonly needs: number;
}

/**
 * The shortest time that the work can take, ms: for one host that holds one model at a time and few tasks of one call each. A
 * schedule is a row of sessions there, each with one model and a set of tasks that do not wait for each other, so all rows can be
 * tried, the shortest first. Undefined where that is not so.
 */
export const optimumMs = (work: Work): number | undefined => {
  const [host, ...others] = work.hosts;
  const tasks = tasksOf(work);
  if (host === undefined || others.length > 0 || tasks === undefined) return;
  const used = [...new Set(tasks.map(({ model }) => model))];
  const room = { memory: host.memory, coresident: host.coresident === true };
  for (const one of used) {
    for (const other of work.models) {
      if (one === other) continue;
      if (fitsTogether(room, [one, other]) || servesCallsOf(other, one) || servesCallsOf(one, other)) return;
    }
  }
  if (
    tasks.some(({ model, needs }) =>
      tasks.some((other, at) => ((needs >> at) & 1) === 1 && other.model === model),
    )
  )
    return;
  const initial = work.models.find(({ key }) => host.initial.includes(key));
  return shortestRow(tasks, used, initial, host.slots);
};

/** Tasks that run on hosts; what runs elsewhere must take no time. Undefined for what is too much or too involved. */
const tasksOf = ({ stages, models }: Work): readonly Task[] | undefined => {
  const own = stages.filter(({ model }) => model !== undefined);
  const elsewhere = stages.filter(({ model }) => model === undefined);
  if (own.length > mostTasks || own.some(({ calls }) => calls.length !== 1)) return;
  if (elsewhere.some(({ calls, needs }) => needs.length > 0 || calls.some(({ callMs }) => callMs > 0)))
    return;
  const bit = new Map(own.map(({ id }, at) => [id, 1 << at]));
  return own.map((stage) => ({
    ms: stage.calls[0]?.callMs ?? 0,
    model: modelOf(models, stage),
    needs: stage.needs.reduce((bits, id) => bits | (bit.get(id) ?? 0), 0),
  }));
};

const modelOf = (models: readonly FleetModel[], stage: WorkStage): FleetModel =>
  models.find(({ key }) => key === stage.model) as FleetModel;

/** Dijkstra's search over what is done and what is loaded. */
const shortestRow = (
  tasks: readonly Task[],
  models: readonly FleetModel[],
  initial: FleetModel | undefined,
  slots: number,
): number | undefined => {
  const all = 2 ** tasks.length - 1;
  const known = new Map<string, number>();
  const lengths = new Map<number, number>();
  const lengthOf = (set: number): number => {
    const length =
      lengths.get(set) ??
      shortestSession(
        tasks.filter((_, at) => (set >> at) & 1).map(({ ms }) => ms),
        slots,
      );
    lengths.set(set, length);
    return length;
  };
  const open: {
    readonly ms: number;
    readonly done: number;
    readonly loaded: FleetModel | undefined;
    readonly fresh: boolean;
  }[] = [{ ms: 0, done: 0, loaded: initial, fresh: true }];
  for (;;) {
    open.sort((a, b) => b.ms - a.ms);
    const first = open.pop();
    if (first === undefined || first.done === all) return first?.ms;
    const { done, loaded, ms } = first;
    if (ms > (known.get(`${done}/${loaded?.key}`) ?? Infinity)) continue;
    for (const model of models) {
      if (model === loaded && !first.fresh) continue;
      const ready = tasks.reduce(
        (bits, task, at) =>
          task.model === model && !((done >> at) & 1) && (task.needs & done) === task.needs
            ? bits | (1 << at)
            : bits,
        0,
      );
      const swap = model === loaded ? 0 : swapMs(loaded === undefined ? [] : [loaded], [model]);
      for (let set = ready; set > 0; set = (set - 1) & ready) {
        const ends = ms + swap + lengthOf(set);
        const key = `${done | set}/${model.key}`;
        if (ends >= (known.get(key) ?? Infinity)) continue;
        known.set(key, ends);
        open.push({ ms: ends, done: done | set, loaded: model, fresh: false });
      }
    }
  }
};

/** The shortest time in which so many slots get through tasks that do not wait for each other. */
export const shortestSession = (lengths: readonly number[], slots: number): number => {
  const sorted = lengths.toSorted((a, b) => b - a);
  const loads = Array.from({ length: slots }, () => 0);
  const least = Math.max(sorted[0] ?? 0, sorted.reduce((sum, ms) => sum + ms, 0) / slots);
  let best = Infinity;
  const place = (at: number, longest: number): void => {
    if (longest >= best || best <= least + 1e-6) return;
    const ms = sorted[at];
    if (ms === undefined) {
      best = longest;
      return;
    }
    const tried = new Set<number>();
    for (let slot = 0; slot < slots; slot++) {
      const load = loads[slot] as number;
      if (tried.has(load)) continue;
      tried.add(load);
      loads[slot] = load + ms;
      place(at + 1, Math.max(longest, load + ms));
      loads[slot] = load;
    }
  };
  place(0, 0);
  return best;
};
