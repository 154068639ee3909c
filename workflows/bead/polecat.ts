import {
  CancellationScope,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { failureFrom } from '../activityFailure.ts';
import type { BeadLanded, BeadState } from '../domain/bead/bead.ts';
import { type BeadLife, mislaid, newLife } from '../domain/bead/beadLife.ts';
import { feedbackLine, remembered } from '../domain/bead/feedback.ts';
import { reviewText } from '../domain/bead/review.ts';
import { type Trouble, waitingFor } from '../domain/bead/trouble.ts';
import type { ModelStep } from '../domain/convoy.ts';
import type { Failure } from '../domain/failure.ts';
import { beadKey } from '../domain/naming.ts';
import type { Submission, Verdict } from '../domain/queue/submission.ts';
import { beadMarkdown } from '../domain/report/board.ts';
import type { BeadStatus } from '../domain/report/report.ts';
import { longestSummary, markdownText } from '../domain/text.ts';
import type { BeadPlace, RefineryTarget, WrittenNote } from '../ports.ts';
import { rigActivities } from '../proxies.ts';
import { stateAttribute } from '../searchAttributes.ts';
import { type Clock, createClock } from './clock.ts';
import { blocked } from './end.ts';
import type { Inbox } from './inbox.ts';
import type { BeadInput } from './input.ts';
import { withdrawSubmission } from './landing.ts';
import { ownerOf } from './owner.ts';

/** The agent at work on one bead: its state, and the few ways in which every step is taken. */
export interface Polecat {
  readonly input: BeadInput;
  readonly inbox: Inbox;
  readonly place: BeadPlace;
  readonly refinery: RefineryTarget;
  readonly rig: ReturnType<typeof rigActivities>;
  readonly bornAt: number;
  life: BeadLife;
  submitted: Submission | undefined;
  /** Hash of the gate definitions that passed last. */
  gateHash: string;
  /** The reply that was applied last. */
  reply: string;
  /** Why the model does not answer; undefined since its last reply. */
  trouble: Trouble | undefined;
  /** The time that it decides by. */
  readonly clock: Clock;
  /** When the present step began. */
  began: number;
  failure: Failure | undefined;
  model(): ModelStep;
  enter(state: BeadState): void;
  /**
   * Runs a step that `shutdown now` may abort, or that finds the worktree gone: then the bead opens it again. Any other
   * failure for good ends the bead as blocked.
   */
  during<T>(step: () => Promise<T>): Promise<T | 'interrupted'>;
  /** Undefined when there is no branch to take notes of. `replyRef`: what the model itself has noted. */
  writeNote(reason: string, replyRef?: string): Promise<WrittenNote | undefined>;
  withdraw(): Promise<Verdict | undefined>;
  account(): Pick<BeadLanded, 'bead' | 'spent' | 'ms' | 'model' | 'polecat' | 'proposals'>;
  landed(commit: string | undefined): BeadLanded;
  status(): BeadStatus;
}

export const createPolecat = (input: BeadInput, inbox: Inbox): Polecat => {
  const place: BeadPlace = { bead: input.ref, rig: input.rig, target: input.target, place: input.place };
  const rig = rigActivities(ownerOf(input), input.pace);
  let state: BeadState = input.parked === true ? 'parked' : 'opening';
  let commit: string | undefined;
  let shown = '';
  let losses = 0;

  const polecat: Polecat = {
    input,
    inbox,
    place,
    rig,
    refinery: { rig: input.rig, target: input.target, upstream: input.upstream },
    bornAt: input.carried?.bornAt ?? Date.now(),
    life: input.carried?.life ?? newLife(input.caps, input.watched),
    submitted: undefined,
    gateHash: '',
    reply: '',
    trouble: undefined,
    clock: createClock(),
    began: 0,
    failure: undefined,

    model() {
      const step = input.ladder[polecat.life.rung] ?? input.ladder[0];
      if (step === undefined) throw blocked(polecat, noModel(beadKey(input.ref)));
      return step;
    },

    enter(next) {
      state = next;
      const coarse = coarseStates[next] ?? next;
      // Each change is an event: only what people search for is written.
      if (input.searchAttributes && coarse !== shown) {
        upsertSearchAttributes([{ key: stateAttribute, value: coarse }]);
      }
      shown = coarse;
      setCurrentDetails(beadMarkdown(polecat.status()));
    },

    async during(step) {
      const scope = new CancellationScope();
      inbox.abortable = scope;
      try {
        if (inbox.shutdown?.mode === 'now') return 'interrupted';
        return polecat.clock.heard(await scope.run(step));
      } catch (error) {
        if (!isCancellation(error)) return reopenAfter(failureFrom(error));
        if (CancellationScope.current().consideredCancelled) throw error;
        return 'interrupted';
      } finally {
        inbox.abortable = undefined;
      }
    },

    async writeNote(reason, replyRef) {
      const base = polecat.life.base ?? '';
      try {
        const note = await rig.writeNote.executeWithOptions(
          { summary: `note: ${markdownText(reason, longestSummary)}` },
          [
            {
              ...{ ...place, spec: input.spec, base, reason, feedback: remembered(polecat.life) },
              ...(replyRef === undefined ? {} : { replyRef }),
              ...(polecat.life.looks === undefined ? {} : { looks: polecat.life.looks }),
            },
          ],
        );
        return polecat.clock.heard(note);
      } catch (error) {
        if (isCancellation(error)) throw error;
        const failure = failureFrom(error);
        if (failure.type !== 'WorktreeLost') throw blocked(polecat, failure);
        polecat.life = mislaid(polecat.life);
        return undefined;
      }
    },

    withdraw: () => withdrawSubmission(polecat),

    account: () => ({
      bead: beadKey(input.ref),
      spent: polecat.life.spent,
      ms: Date.now() - polecat.bornAt,
      model: input.ladder[polecat.life.rung]?.model ?? '',
      polecat: input.polecat,
      ...(polecat.life.proposals === undefined ? {} : { proposals: polecat.life.proposals }),
    }),

    landed(at) {
      commit = at;
      const { reportRef } = polecat.life;
      return {
        state: 'landed',
        commit: at,
        nothingToChange: at === undefined && reportRef === undefined,
        ...(reportRef === undefined ? {} : { reportRef }),
        ...polecat.account(),
      };
    },

    status: () => {
      const { life } = polecat;
      return {
        bead: beadKey(input.ref),
        title: input.spec.title,
        state,
        polecat: input.polecat,
        model: input.ladder[life.rung]?.model ?? '',
        ladder: input.ladder.map(({ model }) => model),
        attempt: life.attempt,
        turn: life.turn,
        conversation: life.conversation,
        base: life.base,
        head: life.head,
        commit,
        spent: life.spent,
        caps: life.caps,
        lastFeedback: life.feedback.map(feedbackLine).at(-1),
        handover: life.handover,
        review: reviewText(life.reviewed),
        stall: life.stall,
        waiting: asking.includes(state) ? waitingFor(polecat.trouble) : undefined,
        failure: polecat.failure,
        lands: {
          ...{ rig: input.rig, target: input.target, taskRef: input.spec.taskRef },
          ...(input.upstream === undefined ? {} : { upstream: input.upstream }),
        },
      };
    },
  };
  return polecat;

  /** Whoever restores an older copy of the server's database finds beads whose branch has landed and is gone (G4). */
  function reopenAfter(failure: Failure): 'interrupted' {
    if (failure.type !== 'WorktreeLost' || ++losses > mostLosses) throw blocked(polecat, failure);
    polecat.life = mislaid(polecat.life);
    return 'interrupted';
  }
};

/** A worktree that is lost this often is taken away by something that will do it again. */
const mostLosses = 5;

/** The moments in which a bead has a question to a model. */
const asking: readonly BeadState[] = ['composing', 'inferring'];

/** What the search attribute says: one word for all the moments of being at work. */
const coarseStates: Partial<Record<BeadState, string>> = {
  opening: 'working',
  composing: 'working',
  inferring: 'working',
  applying: 'working',
  gates: 'working',
  reviewing: 'working',
  rebasing: 'working',
};

const noModel = (bead: string): Failure => ({
  type: 'ModelUnavailable',
  what: 'No model is configured for this bead.',
  evidence: `The ladder of models of ${bead} is empty.`,
  next: 'Name a model for its tier under `roles:` in gastown.yaml and launch again.',
});
