import type { ApplicationFailure } from '@temporalio/common';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import { taskQueue } from '../../workflows/domain/naming.ts';
import type { Infer, InferencePort } from '../../workflows/ports.ts';
import type { Counts } from '../counts/counts.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { Live } from '../live/live.ts';
import { createInference, type Transcript } from './infer.ts';
import { type Lease, leaseLost } from './lease.ts';
import type { Slots } from './slots.ts';
import type { TokenGauge } from './tokens.ts';

/** An activity-only Worker on the queue of one model. */
export interface ModelWorker {
  /** Ends when the Worker has stopped; rejects when it broke. */
  readonly run: Promise<void>;
  /** Takes no new call, lets the running ones end within `drainMs`, then cancels them. Resolves when it has stopped. */
  shutdown(): Promise<void>;
}

export interface ModelWorkerOptions {
  readonly taskQueue: string;
  readonly slots: number;
  readonly activities: InferencePort;
  /** Shutdown grace time, ms: the SDK's default of 0 cancels at once. */
  readonly drainMs: number;
}

export type CreateModelWorker = (options: ModelWorkerOptions) => Promise<ModelWorker>;

/** The open gate of one model on one host (G8): while it exists, this process pulls calls of that model. */
export interface Gate {
  readonly model: ModelSettings;
  /** The model that is resident for it, by key: itself, or another one of the same weights. */
  readonly servedBy: string;
  /** Calls that run now. */
  readonly running: () => number;
  /** For how long it has had a place free and got no call, ms. */
  readonly idleMs: () => number;
  /** Why the gate stopped by itself. */
  readonly broken: () => unknown;
  /** Takes no more calls; those that run may end within `drainMs`, then they are sent back. */
  close(drainMs: number): Promise<void>;
}

export interface GateDeps {
  readonly host: HostSettings;
  readonly apiKey: string | undefined;
  readonly blobs: Blobs;
  readonly transcript: Transcript;
  /** Where people see replies while they are written. */
  readonly live?: Live | undefined;
  readonly gauge: TokenGauge;
  readonly slots: Slots;
  readonly counts?: Counts | undefined;
  /** How soon replies are expected, by tier, ms. */
  readonly targets?: Readonly<Record<string, number>> | undefined;
  readonly lease: Lease;
  readonly drainMs: number;
  readonly createModelWorker: CreateModelWorker;
  readonly onFailure: (model: string, failure: ApplicationFailure) => void;
  /** A call began; returns what is called at its end. */
  readonly onCall?: (request: Infer) => (failed: boolean) => void;
  /** Something changed: a call ended, or the gate broke. */
  readonly onChange: () => void;
}

/** Opens the gate of a model that has just been verified, itself or by another one of the same weights. */
export const openGate = async (deps: GateDeps, model: ModelSettings, servedBy = model.key): Promise<Gate> => {
  const closing = new AbortController();
  let running = 0;
  let broken: unknown;
  // When it last took a call, or had a place again after it was full.
  let changed = performance.now();
  const { host, apiKey, blobs, transcript, live, gauge, slots, counts, targets, lease } = deps;
  const activities = createInference({
    host,
    model,
    apiKey,
    blobs,
    transcript,
    live,
    gauge,
    slots,
    counts,
    targets,
    isFresh: () => lease.isFresh() && !closing.signal.aborted,
    signal: AbortSignal.any([lease.lost, closing.signal]),
    enter: (request) => {
      running += 1;
      changed = performance.now();
      const told = deps.onCall?.(request);
      return (failed) => {
        told?.(failed);
        if (running >= host.slots) changed = performance.now();
        running -= 1;
        deps.onChange();
      };
    },
    onFailure: (failure) => deps.onFailure(model.key, failure),
  });
  const worker = await deps.createModelWorker({
    taskQueue: taskQueue.llm(model.key),
    slots: host.slots,
    activities,
    drainMs: deps.drainMs,
  });
  const stopped = worker.run.catch((error: unknown) => {
    broken = error ?? new Error('the Worker stopped');
    deps.onChange();
  });

  return {
    model,
    servedBy,
    running: () => running,
    idleMs: () => (running >= host.slots ? 0 : performance.now() - changed),
    broken: () => broken,
    async close(drainMs) {
      const limit = setTimeout(() => closing.abort(leaseLost('closed')), drainMs);
      try {
        await Promise.all([worker.shutdown(), stopped]);
      } catch (error) {
        broken ??= error;
      } finally {
        clearTimeout(limit);
        closing.abort(leaseLost('closed'));
      }
    },
  };
};

/** Models that are resident, each once whatever it serves. */
export const residentOf = (gates: ReadonlyMap<string, Gate>): readonly string[] => [
  ...new Set([...gates.values()].map((gate) => gate.servedBy)),
];
