import { isSettled } from '../bead/bead.ts';
import type { Failure } from '../failure.ts';
import type { ConvoyStatus, RefineryStatus } from '../report/report.ts';
import { resumeCommand, resumeRigCommand } from './queueFailures.ts';
import type { RefineryState } from './refineryState.ts';
import { type SubmissionId, submissionKey } from './submission.ts';

/** The answer to the query `standing`. */
export const standingOf = (state: RefineryState, id: SubmissionId): 'queued' | 'settled' | 'unknown' => {
  const key = submissionKey(id);
  if (state.waiting.some((one) => submissionKey(one) === key)) return 'queued';
  return state.settled.some((one) => submissionKey(one) === key) ? 'settled' : 'unknown';
};

/** The answer to the query `refineryStatus`. */
export const refineryStatusOf = (state: RefineryState): RefineryStatus => {
  const { work } = state;
  const underTest = 'group' in work ? work.group.members.map(submissionKey) : [];
  return {
    rig: state.rig,
    target: state.target,
    queue: state.waiting.map((one) => ({
      bead: one.bead,
      attempt: one.attempt,
      state: !underTest.includes(submissionKey(one))
        ? 'waiting'
        : work.at === 'landing'
          ? 'landing'
          : 'testing',
    })),
    landed: state.landed,
    sentBack: state.sentBack,
    tip: state.tip,
    stopped:
      state.stopped?.failure ?? (state.paused === undefined ? undefined : pausedFailure(state, state.paused)),
  };
};

/** Whether something is in the queue, or will come from a convoy that runs. A stop that concerns nobody is no trouble. */
export const isWaitedFor = (
  { rig, target, queue }: RefineryStatus,
  convoys: readonly Pick<ConvoyStatus, 'state' | 'epics'>[],
): boolean =>
  queue.length > 0 ||
  convoys.some(
    ({ state, epics }) =>
      !over.includes(state) &&
      epics.some(
        (epic) =>
          epic.rig === rig &&
          epic.target === target &&
          // One that has not begun has told of no bead yet.
          (epic.beads.length === 0 || epic.beads.some(({ state: at }) => at === 'working' || !isSettled(at))),
      ),
  );

const over: readonly ConvoyStatus['state'][] = ['done', 'failed', 'cancelled'];

/** What people are told of a pause. */
export const pausedFailure = (state: Pick<RefineryState, 'rig' | 'target'>, reason: string): Failure => ({
  type: 'QueuePaused',
  what: `A person paused this queue: ${reason}`,
  evidence: '',
  // The queue alone would land nothing: its beads stand still too.
  next: `Go on with: ${reason.endsWith(resumeRigCommand(state.rig)) ? resumeRigCommand(state.rig) : resumeCommand(state)}`,
});
