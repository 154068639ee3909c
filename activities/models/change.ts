import { log } from '@temporalio/activity';
import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import { chooseOpen, type ModelDemand } from '../../workflows/domain/host/residency.ts';
import { sameSet } from '../../workflows/domain/sameSet.ts';
import { reason } from './answers.ts';
import { close, noted, open, openAlso } from './doors.ts';
import { residentOf } from './gate.ts';
import { mergedDemands, servedBy } from './serving.ts';
import { readDemands, type Shift } from './shift.ts';

/**
 * Brings the gates to what the plan in force wants, or to what the host's own rule says where there is none. A swap closes
 * gates, drains, unloads, loads, verifies and opens, in this order and by nobody else: this is the host's only loop.
 */
export const serve = async (
  shift: Shift,
  demands: readonly ModelDemand[],
  mayStandIn = true,
): Promise<void> => {
  const wanted = wantedNow(shift, demands);
  const serving = servedBy(shift.models, wanted);
  const closing = [...shift.gates].filter(([key, gate]) => serving.get(key)?.key !== gate.servedBy);
  const coming = shift.models.filter(({ key }) => wanted.includes(key) && !shift.gates.has(key));
  const before = residentOf(shift.gates);
  const going = before.filter((key) => !wanted.includes(key));
  const isSwap = going.length > 0 || coming.some(({ key }) => !shift.refusals.isResting(key));
  if (!isSwap && closing.length === 0) return openOthers(shift, serving);

  const at = Date.now();
  if (isSwap) shift.swap = { phase: 'drain', to: wanted, since: at };
  try {
    if (isSwap) shift.fleet.changed();
    await Promise.all(closing.map(([key]) => close(shift, key, shift.pace.drainMs)));
    const drained = Date.now();
    // Minutes may have passed: what was wanted then may be wanted no more.
    if (!sameSet(wanted, wantedNow(shift, demands))) return shift.bell.ring();
    shift.kept = coming.length > 0 ? [] : going;
    if (coming.length > 0) await unloadAll(shift, going, wanted);
    const unloaded = Date.now();
    enter(shift, 'load', wanted);
    if (before.length > 0) shift.former = before;
    for (const model of coming) await open(shift, model);
    await openOthers(shift, servedBy(shift.models, residentOf(shift.gates)));
    const now = Date.now();
    const to = residentOf(shift.gates);
    // A gate that only closes is no swap: nothing was loaded in its place.
    if (!isSwap || coming.length === 0) return;
    const failed = coming.some(({ key }) => !to.includes(key));
    shift.swaps.push({
      ...{ at: now, from: before, to },
      ...{ drainMs: drained - at, unloadMs: unloaded - drained, loadMs: now - unloaded },
      ...(failed ? { failed: true as const } : {}),
    });
    if (to.length > 0) shift.former = [];
    // Before the fleet hears of an empty host, and plans for that.
    else if (mayStandIn) await serve(shift, await readDemands(shift), false);
  } finally {
    shift.swap = undefined;
    shift.since = sameSet(before, residentOf(shift.gates)) ? shift.since : Date.now();
    shift.fleet.changed();
  }
};

/**
 * The plan in force, unless it cannot be had, or leaves the host idle while somebody waits; without one the host's own rule, which
 * keeps what was there before a swap that failed, while that has work.
 */
const wantedNow = (shift: Shift, demands: readonly ModelDemand[]): readonly string[] => {
  const resident = residentOf(shift.gates);
  const own = mergedDemands(shift.models, resident, demands);
  const byRule = () => chooseOpen(shift.together, resident.length > 0 ? resident : shift.former, own);
  const plan = shift.plans.current();
  if (plan === undefined) return byRule();
  const known = plan.want.filter((key) => shift.models.some((model) => model.key === key));
  const usable = known.filter((key) => shift.gates.has(key) || !shift.refusals.isResting(key));
  // What is wanted cannot be had: what is there goes on serving until the fleet has heard of it, and nobody's word leaves a host idle.
  if (plan.want.length > 0 && usable.length === 0) return resident.length > 0 ? resident : byRule();
  if (plan.firm) return usable;
  if (usable.length < known.length) return resident.length > 0 ? resident : usable;
  const isIdle = own.every(
    ({ model, waiting, running }) => !usable.includes(model) || waiting + running === 0,
  );
  const others = own.filter(({ model, usable: can }) => can && !usable.includes(model));
  const forgotten = Math.max(0, ...others.map(({ waiting, waitedMs }) => (waiting > 0 ? waitedMs : 0)));
  const patience = shift.pace.planPatienceMs;
  return isIdle && forgotten > patience && plan.ageMs() > patience ? byRule() : usable;
};

/** What must go is gone before anything is loaded: a server that evicts by itself may hang or evict the wrong one. */
const unloadAll = async (
  shift: Shift,
  going: readonly string[],
  wanted: readonly string[],
): Promise<void> => {
  const { models, adapter, lease } = shift;
  enter(shift, 'unload', wanted);
  for (const model of models.filter(({ key }) => going.includes(key))) {
    if (!lease.isFresh()) return;
    try {
      await noted(shift, 'unload', model.key, () => adapter.unload(model, lease.signal));
    } catch (error) {
      // Loading looks again at what is there, and tells what is wrong.
      log.warn('model not unloaded', { host: shift.host.name, model: model.key, error: reason(error) });
    }
  }
};

/** Gates of models that a resident one serves as well. */
const openOthers = async (shift: Shift, serving: ReadonlyMap<string, ModelSettings>): Promise<void> => {
  for (const [key, server] of serving) {
    const model = shift.models.find((one) => one.key === key);
    if (model !== undefined && key !== server.key && shift.gates.has(server.key))
      await openAlso(shift, model, server);
  }
};

const enter = (shift: Shift, phase: 'unload' | 'load', to: readonly string[]): void => {
  if (shift.swap === undefined) return;
  shift.swap = { phase, to, since: shift.swap.since };
  shift.fleet.changed();
};
