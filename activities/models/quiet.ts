import { log } from '@temporalio/activity';
import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import { hoursAt } from '../../workflows/domain/host/quiet.ts';
import { reason } from './answers.ts';
import { close, noted } from './doors.ts';
import { nowOf, report, type Shift, zoneOf } from './shift.ts';

/** Whether the host is in its quiet hours. Looks at the clock's calendar only when the hours known are over. */
export const isQuiet = (shift: Shift): boolean => {
  const now = nowOf(shift.deps);
  if (now >= shift.hours.until) shift.hours = hoursAt(shift.host.quiet, zoneOf(shift.deps), now);
  return shift.hours.quiet;
};

/**
 * Leaves the host to its people: no gate takes another call, those under way are finished, and what was loaded for us
 * is unloaded. All gates at once: one that drains must not leave another open meanwhile.
 */
export const leaveHost = async (shift: Shift): Promise<void> => {
  const models = [...shift.gates.values()].map(({ model }) => model);
  if (models.length === 0) return;
  await report(shift);
  await Promise.all(models.map((model) => close(shift, model.key, model.callTimeoutMs)));
  for (const model of models) await unload(shift, model);
};

/** Memory that nobody uses belongs to the people, too. */
const unload = async (shift: Shift, model: ModelSettings): Promise<void> => {
  const { adapter, lease, host } = shift;
  if (!lease.isFresh()) return;
  try {
    await noted(shift, 'unload', model.key, () => adapter.unload(model, lease.signal));
  } catch (error) {
    log.warn('model not unloaded', { host: host.name, model: model.key, error: reason(error) });
  }
};
