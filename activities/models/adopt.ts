import { log } from '@temporalio/activity';
import { isLoadedFor } from '../../workflows/domain/host/modelServer.ts';
import { reason } from './answers.ts';
import { open } from './doors.ts';
import { residentOf } from './gate.ts';
import type { Shift } from './shift.ts';

/**
 * What a host holds when its lease begins is verified and served before anything is loaded: whoever had the lease before, or the
 * person, has paid for it. One model, where the host holds one at a time.
 */
export const adopt = async (shift: Shift): Promise<void> => {
  const { adapter, host, lease, models } = shift;
  try {
    const found = await adapter.resident(lease.signal);
    const ready = found.filter(({ state }) => state === 'ready');
    for (const model of models) {
      if (!shift.together && residentOf(shift.gates).length > 0) return;
      if (ready.some(({ name }) => isLoadedFor(name, model))) await open(shift, model);
    }
  } catch (error) {
    // A host that does not answer is looked at again, and told of, by the loop.
    log.info('nothing adopted', { host: host.name, error: reason(error) });
  }
};
