import { taskQueue } from '../../workflows/domain/naming.ts';

/** The part of a connection that this needs: Temporal's own gRPC interface, as `NativeConnection` and `Connection` have it. */
export interface TemporalService {
  describeTaskQueue(request: {
    namespace: string;
    taskQueue: { name: string };
    taskQueueType: number;
    reportStats: boolean;
  }): Promise<{ stats?: QueueStats | null }>;
  recordActivityTaskHeartbeat(request: {
    namespace: string;
    taskToken: Uint8Array;
    identity: string;
  }): Promise<{ cancelRequested?: boolean | null }>;
}

interface QueueStats {
  readonly approximateBacklogCount?: Count | null;
  readonly approximateBacklogAge?: { readonly seconds?: Count | null; readonly nanos?: number | null } | null;
}

/** Protobuf's 64-bit numbers come as objects. */
type Count = number | { toNumber(): number };

export interface Waiting {
  readonly waiting: number;
  readonly waitedMs: number;
}

/** TASK_QUEUE_TYPE_ACTIVITY */
const activityQueue = 2;

/** What tells of an open gate whether its queue can have anything in it. */
export interface OpenGate {
  /** For how long it has had a place free and got no call, ms. */
  readonly idleMs: () => number;
}

/** How many calls wait in the queues of models, and for how long the first of each. */
export interface Backlog {
  read(model: string, gate: OpenGate | undefined): Promise<Waiting>;
}

const nothing: Waiting = { waiting: 0, waitedMs: 0 };

/**
 * Reads backlogs from Temporal, which works without pollers. The server answers from a cache of 5 s by default
 * (`matching.TaskQueueInfoByBuildIdTTL`), so two answers are not believed: of an open model that has a free place and gets no
 * call, and of a closed one as long as it is, to the nanosecond, the last one from when it was open. The first
 * would keep a model without work, the second would bring it back for nothing.
 */
export const createBacklog = (service: TemporalService, namespace: string, settleMs: number): Backlog => {
  const whileOpen = new Map<string, Waiting>();
  return {
    async read(model, gate) {
      const answer = await describeQueue(service, namespace, model);
      if (gate !== undefined) {
        whileOpen.set(model, answer);
        return gate.idleMs() > settleMs ? nothing : answer;
      }
      const last = whileOpen.get(model);
      const stale = last?.waiting === answer.waiting && last.waitedMs === answer.waitedMs;
      return stale ? nothing : answer;
    },
  };
};

const describeQueue = async (
  service: TemporalService,
  namespace: string,
  model: string,
): Promise<Waiting> => {
  const { stats } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue.llm(model) },
    taskQueueType: activityQueue,
    reportStats: true,
  });
  const age = stats?.approximateBacklogAge;
  return {
    waiting: count(stats?.approximateBacklogCount),
    waitedMs: count(age?.seconds) * 1_000 + (age?.nanos ?? 0) / 1e6,
  };
};

const count = (value: Count | null | undefined): number =>
  value === null || value === undefined ? 0 : typeof value === 'number' ? value : value.toNumber();
