import { condition } from '@temporalio/workflow';
import { sentBack, submitAgain } from '../domain/bead/beadOutcome.ts';
import { beadKey, workflowId } from '../domain/naming.ts';
import { type Submission, submissionKey, type Verdict } from '../domain/queue/submission.ts';
import { townActivities } from '../proxies.ts';
import type { Polecat } from './polecat.ts';

/**
 * Submits the branch and waits for the Refinery's verdict, however long. Undefined when the bead has to act first:
 * it was sent back, or withdrew because it is to stop.
 */
export const land = async (polecat: Polecat): Promise<Verdict | undefined> => {
  const submission = submissionOf(polecat);
  polecat.submitted = submission;
  polecat.enter('queued');
  await submit(polecat, submission);

  const { inbox } = polecat;
  const verdict = await verdictFor(
    polecat,
    submission,
    () => inbox.shutdown !== undefined || inbox.handoff !== undefined,
    () => submit(polecat, submission),
  );
  // A hand-over of a queued bead needs no step of the polecat's: the loop notes it and comes back to wait.
  if (verdict === undefined && inbox.shutdown === undefined) return;
  const last = verdict ?? (await withdrawSubmission(polecat));
  if (last !== undefined) polecat.submitted = undefined;
  if (last?.outcome === 'sentBack') {
    const { failure, evidenceRef } = last;
    const feedback =
      evidenceRef === undefined
        ? undefined
        : ({
            kind: failure.type === 'MergeConflict' ? 'conflict' : 'refinery',
            summary: failure.what,
            ref: evidenceRef,
            failure: failure.type,
          } as const);
    polecat.life = sentBack(polecat.life, feedback);
  }
  if (last?.outcome === 'withdrawn' && inbox.shutdown === undefined) polecat.life = submitAgain(polecat.life);
  return last;
};

/** Takes a submission back and waits for the last word on it: `withdrawn`, or `landed` when it was too late. */
export const withdrawSubmission = async (polecat: Polecat): Promise<Verdict | undefined> => {
  const { submitted, refinery, input } = polecat;
  if (submitted === undefined) return;
  const withdraw = (): Promise<void> =>
    townActivities(input.pace).withdraw({ ...refinery, submission: submitted });
  await withdraw();
  return verdictFor(polecat, submitted, () => false, withdraw);
};

/**
 * Waits for the verdict on this very submission. Now and then it asks the Refinery, without a trace in its history,
 * whether it still has it queued, and says again what it wants only if not: a settled one gets its verdict once more.
 */
const verdictFor = async (
  polecat: Polecat,
  submission: Submission,
  unless: () => boolean,
  sayAgain: () => Promise<void>,
): Promise<Verdict | undefined> => {
  const { inbox, input, refinery } = polecat;
  const key = submissionKey(submission);
  const found = (): Verdict | undefined => inbox.verdicts.find((each) => submissionKey(each) === key);

  let wait = input.pace.standingFirstMs;
  while (
    !(await condition(() => found() !== undefined || unless(), wait, { summary: 'waiting for the Refinery' }))
  ) {
    wait = input.pace.standingLaterMs;
    const standing = await townActivities(input.pace).standing({ ...refinery, submission });
    if (standing !== 'queued' && found() === undefined) await sayAgain();
  }
  return found();
};

const submit = ({ input, refinery }: Polecat, submission: Submission): Promise<void> =>
  townActivities(input.pace).submit.executeWithOptions(
    { summary: `submit ${submission.head.slice(0, 10)}` },
    [{ ...refinery, submission }],
  );

const submissionOf = ({ input, life, gateHash }: Polecat): Submission => ({
  bead: beadKey(input.ref),
  attempt: life.attempt,
  head: life.head ?? '',
  base: life.base ?? '',
  title: input.spec.title,
  taskRef: input.spec.taskRef,
  polecat: input.polecat,
  model: input.ladder[life.rung]?.model ?? '',
  gateHash,
  workflowId: workflowId.bead(input.ref),
});
