import { activityInfo, CancelledFailure, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import type { HostSettings } from '../../workflows/domain/host/model.ts';
import type { HostPort, TendHost } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { createLoadTimes } from './adapters/loadTimes.ts';
import { adopt } from './adopt.ts';
import { reason } from './answers.ts';
import { serve } from './change.ts';
import { close, recheck } from './doors.ts';
import { holdLease, type Lease, leaseLost } from './lease.ts';

export type { HostDeps } from './shift.ts';
export type { TendPace } from './tendPace.ts';

import { isQuiet, leaveHost } from './quiet.ts';
import { createResidency } from './residency.ts';
import { beginShift, type HostDeps, readDemands, report, restMs, type Shift } from './shift.ts';
import { isWorkerStop } from './workerStop.ts';

/** The activities of the queues `host.<host>`. */
export const createHostActivities = (deps: HostDeps): HostPort => {
  const loads = new Map(deps.hosts.map(({ name }) => [name, createLoadTimes()]));
  return {
    async tendHost(request) {
      const host = deps.hosts.find((one) => one.name === request.host);
      const seen = loads.get(request.host);
      if (host === undefined || seen === undefined) throw unknownHost(request.host, deps.hosts);
      // Beats of the SDK besides our own: its clock would else call this activity dead.
      const info = activityInfo();
      const timeoutMs = info.heartbeatTimeoutMs ?? 10_000;
      const beats = setInterval(() => heartbeat(), timeoutMs / 4);
      const lease = holdLease({ timeoutMs, renew: renewal(deps, info.taskToken) });
      const cancel = (): void => lease.release();
      cancellationSignal().addEventListener('abort', cancel, { once: true });
      try {
        // Whoever held the lease before may learn of its end only now.
        if (info.attempt > 1) await idle(timeoutMs * 1.5, lease.signal);
        await tend(beginShift(deps, host, lease, seen), request);
      } finally {
        lease.release();
        clearInterval(beats);
        cancellationSignal().removeEventListener('abort', cancel);
      }
    },
  };
};

/** The lease of one host, from the first look to the last gate closed. */
const tend = async (shift: Shift, request: TendHost): Promise<void> => {
  const { deps, host, lease, gates, pace, bell } = shift;
  const started = performance.now();
  lease.signal.addEventListener('abort', () => bell.ring(), { once: true });
  deps.ledger?.note(host.name, { kind: 'leased', models: [], slots: host.slots });
  deps.counts?.set('slots', { host: host.name }, host.slots);
  const residency = await deps.createResidencyWorker?.(host.name, createResidency(shift));
  // One that broke follows no plans: the fleet hears nothing of this host's obedience, and the host goes by its own rule.
  residency?.run.catch((error: unknown) => log.warn('no plans are followed', { error: reason(error) }));
  try {
    if (!isQuiet(shift)) await adopt(shift);
    while (lease.ended() === undefined) {
      shift.lookedAt = performance.now();
      const leaving = isQuiet(shift);
      const demands = leaving ? [] : await readDemands(shift);
      shift.demands = demands;
      if (leaving) await leaveHost(shift);
      else {
        await recheck(shift);
        await serve(shift, demands);
      }
      await report(shift);
      shift.fleet.changed();
      const idle = demands.every((demand) => demand.running + demand.waiting === 0);
      const aged = performance.now() - started;
      if (aged >= request.maxMs && (idle || aged >= 2 * request.maxMs)) return;
      await bell.wait(restMs(shift, demands, request.maxMs - aged));
    }
  } finally {
    await residency?.shutdown().catch(() => undefined);
    shift.fleet.stop();
    await Promise.all(
      [...gates.keys()].map((key) => close(shift, key, lease.ended() === 'lost' ? 0 : pace.stopMs)),
    );
    deps.ledger?.note(host.name, { kind: 'released', models: [] });
    deps.counts?.set('slots', { host: host.name }, 0);
    await deps.ledger?.settled();
    // Whoever has it now reports; an old word must not come after theirs.
    shift.isOver = true;
    if (lease.ended() !== 'lost') await Promise.all([report(shift), shift.fleet.now()]);
  }
  endOf(lease);
};

/** Renews the lease at the server, whose answer is the only proof that it is still ours. */
const renewal = (deps: HostDeps, taskToken: Uint8Array) => async () => {
  try {
    const { namespace, service } = deps;
    const answer = await service.recordActivityTaskHeartbeat({
      namespace,
      taskToken,
      identity: `lease@${process.pid}`,
    });
    return answer.cancelRequested === true ? ('cancelled' as const) : ('held' as const);
  } catch (error) {
    // NOT_FOUND: the server has given the task to somebody else, or its workflow is gone.
    if (error instanceof Error && 'code' in error && error.code === 5) return 'lost' as const;
    throw error;
  }
};

/** A lease that was lost is an error, a cancelled one a cancellation; a stopping process just returns it. */
const endOf = (lease: Lease): void => {
  if (lease.ended() === 'lost') throw leaseLost('lost');
  const signal = cancellationSignal();
  if (lease.ended() === 'cancelled' || (signal.aborted && !isWorkerStop(signal.reason)))
    throw new CancelledFailure('the lease was cancelled');
};

const idle = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });

const unknownHost = (name: string, hosts: readonly HostSettings[]) =>
  fail('HostRefused', {
    what: `No host is called ${name}.`,
    evidence: `configured: ${hosts.map((host) => host.name).join(', ')}`,
    next: 'Start the workers again with the configuration that names it.',
  });
