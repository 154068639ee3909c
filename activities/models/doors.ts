import { log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { restAfterLoad } from '../../workflows/domain/host/loadBound.ts';
import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import { reason } from './answers.ts';
import { seeDrift } from './drift.ts';
import { type Gate, type GateDeps, openGate } from './gate.ts';
import { keyOf, report, type Shift } from './shift.ts';
import { createTokenGauge } from './tokens.ts';

/** Makes a model ready and opens its gate; a failure closes it until the next try. */
export const open = async (shift: Shift, model: ModelSettings): Promise<void> => {
  const { adapter, gates, lease, refusals, deps, host } = shift;
  if (gates.has(model.key) || refusals.isResting(model.key) || !lease.isFresh()) return;
  const started = performance.now();
  try {
    const keep = [...gates.values()].map((gate) => gate.model);
    const loaded = await whileTold(shift, model.key, () =>
      noted(shift, 'load', model.key, () => adapter.load(model, keep, lease.signal)),
    );
    for (const remark of loaded.remarks) log.warn(remark.what, { ...remark });
    if (!lease.isFresh()) return;
    const gate = await openGate(gateDeps(shift, model), loaded.model);
    if (loaded.bytes !== undefined) shift.sizes.set(model.key, loaded.bytes);
    gates.set(model.key, gate);
    deps.ledger?.note(host.name, { kind: 'opens', models: [model.key] });
    refusals.clear(model.key);
    log.info('gate open', { host: host.name, model: model.key, context: loaded.context ?? 'as configured' });
    for (const other of keep) await stillThere(shift, other);
  } catch (error) {
    if (lease.ended() !== undefined) return;
    refusals.note(model.key, error, restOf(shift, model, performance.now() - started));
    log.warn('model not ready', { host: host.name, model: model.key, error: reason(error) });
  }
};

/** The least rest of a model whose try has taken so long: where others lose that time, and more to come back, it is a longer one. */
const restOf = (shift: Shift, { key }: ModelSettings, ms: number): number => {
  const { models, loads, refusals, pace, former } = shift;
  const others = models.filter((model) => model.key !== key && !refusals.isResting(model.key));
  const waits = shift.demands.some(
    ({ model, waiting }) => waiting > 0 && others.some((other) => other.key === model),
  );
  // It had displaced nobody, and nobody waits: who mends the server should find it tried again at once.
  if (shift.together || others.length === 0 || (former.length === 0 && !waits)) return 0;
  const back = models
    .filter((model) => former.includes(model.key))
    .reduce((sum, model) => sum + (loads.longest(model) ?? model.loadMs ?? 0), 0);
  return restAfterLoad(ms + back, refusals.failures(key) + 1, pace.failedLoadMaxMs);
};

/** Opens the gate of a model that another one serves, which is resident: the same weights with no less context. */
export const openAlso = async (shift: Shift, model: ModelSettings, server: ModelSettings): Promise<void> => {
  const { gates, lease, refusals } = shift;
  if (gates.has(model.key) || refusals.isResting(model.key) || !lease.isFresh()) return;
  const gate = await openGate(
    gateDeps(shift, model),
    { ...model, name: gates.get(server.key)?.model.name ?? server.name },
    server.key,
  );
  gates.set(model.key, gate);
  shift.deps.ledger?.note(shift.host.name, { kind: 'opens', models: [model.key] });
  refusals.clear(model.key);
  log.info('gate open', { host: shift.host.name, model: model.key, servedBy: server.key });
};

const gateDeps = (shift: Shift, model: ModelSettings): GateDeps => ({
  ...shift.deps,
  host: shift.host,
  apiKey: keyOf(shift.deps, shift.host),
  gauge: shift.gauges.get(model.key) ?? createTokenGauge(),
  slots: shift.slots,
  lease: shift.lease,
  drainMs: shift.pace.drainMs,
  onFailure: (key, failure) => suspect(shift, key, failure),
  onCall: (request) => shift.calls.begin(model.key, request),
  onChange: () => shift.bell.ring(),
});

/** Notes when the server's work on a model begins and ends. */
export const noted = <T>(
  { deps, host }: Shift,
  kind: 'load' | 'unload',
  key: string,
  work: () => Promise<T>,
): Promise<T> => deps.ledger?.during(host.name, kind, [key], work) ?? work();

/** People see that a model is being loaded, which takes minutes for a large one. */
const whileTold = async <T>(shift: Shift, key: string, load: () => Promise<T>): Promise<T> => {
  let telling = Promise.resolve();
  const timer = setTimeout(() => {
    if (!shift.lease.isFresh()) return;
    shift.loading = key;
    telling = report(shift);
  }, shift.pace.tellLoadingMs);
  try {
    return await load();
  } finally {
    clearTimeout(timer);
    shift.loading = undefined;
    // What comes next is told after it.
    await telling;
  }
};

/** A server that drops one model for another cannot hold them together, whatever the configuration says. */
const stillThere = async (shift: Shift, model: ModelSettings): Promise<void> => {
  try {
    await shift.adapter.check(model, shift.lease.signal);
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === 'ModelNotResident') shift.together = false;
    await closeAllOf(shift, model.key);
  }
};

/** The gates of a model that is not ready: its own, and those of models that it serves. */
const closeAllOf = async (shift: Shift, servedBy: string): Promise<void> => {
  const keys = [...shift.gates].flatMap(([key, gate]) => (gate.servedBy === servedBy ? key : []));
  await Promise.all(keys.map((key) => close(shift, key, shift.pace.stopMs)));
};

/** Closes the gates of models that are no longer ready: now and then, and after a call that says so. */
export const recheck = async (shift: Shift): Promise<void> => {
  const { gates, suspects, refusals, lease, pace } = shift;
  const due = performance.now() - shift.checkedAt >= pace.recheckMs;
  if (due) shift.checkedAt = performance.now();
  for (const [key, gate] of [...gates]) {
    // Closed a moment ago with the model that served it.
    if (!gates.has(key)) continue;
    const refuted = shift.refuted.get(key);
    if (!due && !suspects.has(key) && gate.broken() === undefined && refuted === undefined) continue;
    suspects.delete(key);
    shift.refuted.delete(key);
    try {
      if (gate.broken() !== undefined) throw gate.broken();
      if (refuted !== undefined) throw refuted;
      await shift.adapter.check(gate.model, lease.signal);
      // Its calls stall and none goes on: it may hang although its pages are green.
      if (shift.stalled.delete(key) && gate.running() === 0)
        await shift.adapter.prove(gate.model, lease.signal);
    } catch (error) {
      if (lease.ended() !== undefined) return;
      refusals.note(key, error, refuted === undefined ? 0 : pace.refutedMs);
      log.warn('gate closes', { host: shift.host.name, model: key, error: reason(error) });
      await (gate.broken() === undefined ? closeAllOf(shift, gate.servedBy) : close(shift, key, pace.stopMs));
    }
  }
  if (due) await lookAtHost(shift);
};

/**
 * With nothing open and nothing asked for, a dead host would else be noticed by the first call only; and one that is back by nobody
 * at all, since no plan sends anybody to a host that is down.
 */
const lookAtHost = async (shift: Shift): Promise<void> => {
  const { adapter, models, gates, lease, refusals } = shift;
  const [first] = models;
  if (first === undefined || refusals.hostRests()) return;
  try {
    seeDrift(shift, await adapter.resident(lease.signal));
    refusals.answered();
  } catch (error) {
    if (lease.ended() === undefined && gates.size === 0) refusals.note(first.key, error);
  }
};

/** Failures of a call after which the host must be looked at. */
const telling: readonly string[] = [
  'HostDown',
  'ModelNotResident',
  'ModelMissing',
  'NotAModelServer',
  'HostRefused',
  'StreamCut',
];

/** Failures of a call after which a model must prove that it still generates. */
const stalls: readonly string[] = ['FirstTokenTimeout', 'StreamStalled'];

const suspect = (shift: Shift, key: string, failure: ApplicationFailure): void => {
  // What a call has proved stands against all that the server says of itself.
  if (failure.type === 'ContextTooSmall') shift.refuted.set(key, failure);
  else if (stalls.includes(failure.type ?? '')) shift.stalled.add(key);
  else if (!telling.includes(failure.type ?? '')) return;
  shift.suspects.add(key);
  shift.bell.ring();
};

export const close = async (shift: Shift, key: string, drainMs: number): Promise<void> => {
  const gate = shift.gates.get(key);
  if (gate === undefined) return;
  const { ledger } = shift.deps;
  const started = performance.now();
  ledger?.note(shift.host.name, { kind: 'drains', models: [key] });
  await Promise.race([gate.close(drainMs), overtaken(shift, gate)]);
  shift.gates.delete(key);
  const ms = Math.round(performance.now() - started);
  ledger?.note(shift.host.name, { kind: 'closes', models: [key], ms });
  log.info('gate closed', { host: shift.host.name, model: key });
};

/** A drain of minutes must not keep a lease that has ended: then the calls go back soon. */
const overtaken = async ({ lease, pace }: Shift, gate: Gate): Promise<void> => {
  await new Promise<void>((resolve) => {
    if (lease.signal.aborted) resolve();
    else lease.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await gate.close(lease.ended() === 'lost' ? 0 : pace.stopMs);
};
