/**
 * Activity proxies by kind: queue, timeouts, heartbeat, retries, each with its why. Durations come from `Pace`, so that
 * no number stands anywhere else. Heartbeats are how a killed worker is noticed: without them a lost call is only
 * missed after its whole start-to-close time.
 */
import {
  ActivityCancellationType,
  type ActivityOptions,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import { terminalFailures } from './domain/failure.ts';
import { type Place, taskQueue } from './domain/naming.ts';
import type { Pace } from './domain/pace.ts';
import type {
  DirectPort,
  GatePort,
  HostPort,
  InferencePort,
  LandPort,
  NotifyPort,
  OwnBranchPort,
  PlannerElsewherePort,
  PlannerPort,
  PlanRigPort,
  RefineryPort,
  RigPort,
  SeancePort,
  TownPort,
  WitnessRigPort,
  WitnessRulePort,
  WitnessTownPort,
} from './ports.ts';

/** Whose work a call is: calls of different convoys take turns where they queue. */
export interface CallOwner {
  readonly rig: string;
  readonly place: Place;
  readonly convoy: string;
  /** Of a bead, 2 to 5: its steps go before those of beads that hold up less. */
  readonly urgency?: number | undefined;
}

const retry = (pace: Pace, maximumAttempts: number) => ({
  initialInterval: pace.retryMs,
  backoffCoefficient: 2,
  maximumInterval: 30 * pace.retryMs,
  maximumAttempts,
  nonRetryableErrorTypes: terminalFailures,
});

/** A worktree that is gone stays gone however often a step looks for it: the bead has to open it again. */
const retryInWorktree = (pace: Pace) => ({
  ...retry(pace, attempts),
  nonRetryableErrorTypes: [...terminalFailures, 'WorktreeLost'],
});

/** Enough for killed workers and locked files; a fault that stays is the bead's to report, not Temporal's to repeat. */
const attempts = 8;

const bead = (owner: CallOwner): NonNullable<ActivityOptions['priority']> => ({
  priorityKey: owner.urgency ?? 3,
  fairnessKey: owner.convoy,
});

/** Landing comes before new work: it frees what waits. */
const first = { priorityKey: 1 } as const;

/** A cancelled step is waited for: what comes next uses, or removes, the same worktree. */
const inWorktree = (owner: CallOwner, pace: Pace) => ({
  heartbeatTimeout: pace.heartbeatMs,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: retryInWorktree(pace),
  priority: bead(owner),
});

/** A bead's steps in its rig. */
export const rigActivities = (owner: CallOwner, pace: Pace) =>
  proxyActivities<RigPort>({
    taskQueue: taskQueue.rig(owner.rig, owner.place),
    startToCloseTimeout: pace.rigCallMs,
    ...inWorktree(owner, pace),
  });

/** Reading a rig for the mayor: like a bead's calls, but with no worktree to lose. */
export const planActivities = (owner: CallOwner, pace: Pace) =>
  proxyActivities<PlanRigPort>({
    taskQueue: taskQueue.rig(owner.rig, owner.place),
    startToCloseTimeout: pace.rigCallMs,
    heartbeatTimeout: pace.heartbeatMs,
    retry: retry(pace, attempts),
    priority: bead(owner),
  });

/**
 * A mayor elsewhere. Only the town's own workers hold its key. The plan itself repeats a call, since each has to pass the
 * budget (G7); the cancellation is waited for, since it brings what was spent.
 */
export const mayorActivities = (callTimeoutMs: number, pace: Pace) =>
  proxyActivities<PlannerElsewherePort>({
    taskQueue: taskQueue.town,
    startToCloseTimeout: callTimeoutMs,
    heartbeatTimeout: pace.inferHeartbeatMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
    priority: { priorityKey: 2 },
  });

/** Reading a person's branch, or what they land directly: like a bead's calls, but with no worktree to lose. */
export const ownBranchActivities = (owner: CallOwner, pace: Pace) =>
  proxyActivities<OwnBranchPort & DirectPort>({
    taskQueue: taskQueue.rig(owner.rig, owner.place),
    startToCloseTimeout: pace.rigCallMs,
    heartbeatTimeout: pace.heartbeatMs,
    retry: retry(pace, attempts),
    priority: { priorityKey: 2 },
  });

export const gateActivities = (owner: CallOwner, pace: Pace) =>
  proxyActivities<GatePort>({
    taskQueue: taskQueue.gate(owner.rig, owner.place),
    startToCloseTimeout: pace.gatesMs,
    ...inWorktree(owner, pace),
  });

/**
 * No schedule-to-start and no schedule-to-close timeout: waiting for a model swap is normal. The cancellation is waited
 * for, since it brings the tokens spent so far (G7). The bead itself repeats a call: a retry of Temporal's would look at
 * no cap, and one cancelled between two attempts would forget what the first has cost.
 */
export const inferenceActivities = (
  model: string,
  callTimeoutMs: number,
  convoy: string,
  { pace, urgency = 3 }: { readonly pace: Pace; readonly urgency?: number },
) =>
  proxyActivities<InferencePort>({
    taskQueue: taskQueue.llm(model),
    startToCloseTimeout: callTimeoutMs,
    heartbeatTimeout: pace.inferHeartbeatMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
    priority: { priorityKey: urgency, fairnessKey: convoy },
  });

export const refineryActivities = (rig: string, pace: Pace) =>
  proxyActivities<RefineryPort>({
    taskQueue: taskQueue.refinery(rig),
    startToCloseTimeout: pace.gatesMs,
    heartbeatTimeout: pace.heartbeatMs,
    retry: retry(pace, attempts),
    priority: first,
  });

export const landActivities = (rig: string, pace: Pace) =>
  proxyActivities<LandPort>({
    taskQueue: taskQueue.land(rig),
    startToCloseTimeout: pace.rigCallMs,
    heartbeatTimeout: pace.heartbeatMs,
    retry: retry(pace, attempts),
    priority: first,
  });

/** The town talking to itself: it must get through, however long the server or the worker is away. */
export const townActivities = (pace: Pace) =>
  proxyActivities<TownPort>({
    taskQueue: taskQueue.town,
    startToCloseTimeout: pace.townCallMs,
    retry: { ...retry(pace, 0), maximumAttempts: Number.POSITIVE_INFINITY },
    priority: { priorityKey: 2 },
  });

/** What the town is asked for in passing: whoever asks goes on without an answer. */
export const askingActivities = (pace: Pace) =>
  proxyActivities<Pick<TownPort, 'takeNotes'>>({
    taskQueue: taskQueue.town,
    startToCloseTimeout: pace.townCallMs,
    retry: retry(pace, 4),
    priority: { priorityKey: 2 },
  });

/** Reads a transcript for a question: what is not there does not come by waiting. */
export const seanceActivities = (pace: Pace) =>
  proxyActivities<SeancePort>({
    taskQueue: taskQueue.town,
    startToCloseTimeout: pace.townCallMs,
    retry: retry(pace, 4),
    priority: { priorityKey: 2 },
  });

/** Waits for another workflow's end, by heartbeats. */
export const waitingActivities = (pace: Pace) =>
  proxyActivities<Pick<TownPort, 'awaitBead' | 'awaitEnd'>>({
    taskQueue: taskQueue.town,
    startToCloseTimeout: '30 days',
    heartbeatTimeout: pace.heartbeatMs,
    retry: { ...retry(pace, 0), maximumAttempts: Number.POSITIVE_INFINITY },
  });

/** A person's own command or webhook: worth some tries over ten minutes, and then a letter in the mailbox. */
export const notifyActivities = () =>
  proxyActivities<NotifyPort>({
    taskQueue: taskQueue.town,
    startToCloseTimeout: '3 minutes',
    retry: {
      initialInterval: '5s',
      backoffCoefficient: 3,
      maximumAttempts: 6,
      nonRetryableErrorTypes: terminalFailures,
    },
  });

/** The lease of a host: whoever holds it beats every few seconds; the next attempt waits until it is surely over. */
export const hostActivities = (host: string, leaseMs: number, heartbeatMs: number) =>
  proxyActivities<HostPort>({
    taskQueue: taskQueue.host(host),
    startToCloseTimeout: leaseMs * 2,
    heartbeatTimeout: heartbeatMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '15s' },
  });

/** A patrol gives up early: the next one comes by itself and sees more. It stands behind all other work. */
export const witnessActivities = ({
  rig,
  place,
  pace,
}: {
  readonly rig: string;
  readonly place: Place;
  readonly pace: Pace;
}) => {
  const options = {
    startToCloseTimeout: pace.rigCallMs,
    heartbeatTimeout: pace.heartbeatMs,
    retry: retry(pace, 3),
    priority: { priorityKey: 5 },
  };
  return {
    rig: proxyActivities<WitnessRigPort>({ ...options, taskQueue: taskQueue.rig(rig, place) }),
    town: proxyActivities<WitnessTownPort>({ ...options, taskQueue: taskQueue.town }),
    rule: proxyLocalActivities<WitnessRulePort>({ startToCloseTimeout: '10s' }),
  };
};

/** Decisions: recorded in the history, so that a better rule can replay an old one. */
export const planners = proxyLocalActivities<PlannerPort>({ startToCloseTimeout: '10s' });
