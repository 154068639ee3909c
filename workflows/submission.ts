import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  setHandler,
} from '@temporalio/workflow';
import { failureFrom } from './activityFailure.ts';
import type { Failure } from './domain/failure.ts';
import { verdictShape } from './domain/messageShapes.ts';
import { home, workflowId } from './domain/naming.ts';
import { defaultPace, type Pace } from './domain/pace.ts';
import { forPerson, type OwnBranchStatus, ownBranchKey } from './domain/queue/ownBranch.ts';
import { type Submission, submissionKey, type Verdict } from './domain/queue/submission.ts';
import { mail, settled, submissionStatus, submitAgain, verdict } from './messages.ts';
import type { OpenedSubmission } from './ports.ts';
import { ownBranchActivities, townActivities } from './proxies.ts';
import { receive } from './receive.ts';

/** The input of the workflow `submission`. */
export interface SubmissionInput {
  readonly rig: string;
  readonly branch: string;
  readonly name: string;
  readonly target?: string;
  readonly title?: string;
  readonly pace?: Pace;
}

type End = Pick<OwnBranchStatus, 'state'> &
  Partial<Pick<OwnBranchStatus, 'commit' | 'failure' | 'evidenceRef'>>;

/**
 * A person's own branch through the Refinery: tested and landed like a bead's, with its commits as they are. Told again
 * (`submitAgain`) it takes the branch as it is by then, in the same place of the queue. Its end is data, never a failure.
 */
export async function submission(input: SubmissionInput): Promise<OwnBranchStatus> {
  const { rig, branch, name, pace = defaultPace } = input;
  const source = ownBranchActivities({ rig, place: home, convoy: 'submission' }, pace);
  const door = townActivities(pace);
  const letterAbout = `branch ${branch} of rig ${rig}`;
  const verdicts: Verdict[] = [];
  let isAskedAgain = false;
  let opened: OpenedSubmission | undefined;
  let waiting: Submission | undefined;
  let end: End = { state: 'opening' };

  receive(verdict, verdictShape, (one) => void verdicts.push(one));
  setHandler(submitAgain, () => {
    isAskedAgain = true;
  });
  setHandler(submissionStatus, status);

  do {
    isAskedAgain = false;
    try {
      await takeBranch();
      if (waiting !== undefined) settle(await verdictOn(waiting, 'submit'));
    } catch (error) {
      // Out of the queue first: what a person does not expect any more must not land behind their back.
      await CancellationScope.nonCancellable(withdraw);
      const isFault = !isCancellation(error) && end.state === 'withdrawn';
      if (isFault) end = { state: 'failed', failure: failureFrom(error) };
    }
    if (end.state === 'sentBack') await tellPerson(end.failure);
    if (end.state === 'landed' && patched('settles-letter')) await takeLetterBack();
    // Asked again while the last word was being said: it may have been about an older commit.
  } while (isAskedAgain);
  await CancellationScope.nonCancellable(() =>
    source.closeSubmission({ rig, name }).catch(() => undefined /* a ref too many does no harm */),
  );
  return status();

  /** Reads the branch, and submits it unless that very commit waits already. */
  async function takeBranch(): Promise<void> {
    if (waiting === undefined) end = { state: 'opening' };
    const { target, title } = input;
    opened = await source.openSubmission({ rig, branch, name, target, title });
    if (waiting?.head === opened.head) return;
    if (opened.head === opened.base) {
      if (waiting !== undefined) await withdraw();
      if (end.state !== 'landed') end = { state: 'landed' };
      return;
    }
    waiting = submissionOf(opened);
    end = { state: 'queued' };
    await ask('submit', waiting, opened);
  }

  function settle(last: Verdict | undefined): void {
    if (last === undefined) return;
    waiting = undefined;
    if (last.outcome === 'landed') end = { state: 'landed', commit: last.commit };
    if (last.outcome === 'withdrawn') end = { state: 'withdrawn' };
    if (last.outcome === 'sentBack') {
      const onto = opened?.upstream ?? opened?.target ?? '';
      const failure = forPerson(last.failure, branch, onto);
      end = { state: 'sentBack', failure, evidenceRef: last.evidenceRef };
    }
  }

  /** The Refinery's last word. Undefined when a submission is to be looked at again first. */
  async function verdictOn(one: Submission, want: 'submit' | 'withdraw'): Promise<Verdict | undefined> {
    const found = (): Verdict | undefined =>
      verdicts.find((each) => submissionKey(each) === submissionKey(one));
    for (let wait = pace.standingFirstMs; ; wait = pace.standingLaterMs) {
      const summary = 'waiting for the Refinery';
      const woken = await condition(
        () => found() !== undefined || (isAskedAgain && want === 'submit'),
        wait,
        { summary },
      );
      if (woken || opened === undefined) return found();
      // Without a trace in its history: only what the Refinery has lost is said again.
      const { target, upstream } = opened;
      const standing = await door.standing({ rig, target, upstream, submission: one });
      if (standing !== 'queued' && found() === undefined) await ask(want, one, opened);
    }
  }

  function ask(
    want: 'submit' | 'withdraw',
    one: Submission,
    { target, upstream }: OpenedSubmission,
  ): Promise<void> {
    return door[want]({ rig, target, upstream, submission: one });
  }

  async function withdraw(): Promise<void> {
    const one = waiting;
    if (one === undefined || opened === undefined) {
      end = { state: 'withdrawn' };
      return;
    }
    await ask('withdraw', one, opened);
    settle(await verdictOn(one, 'withdraw'));
  }

  async function tellPerson(failure: Failure | undefined): Promise<void> {
    if (failure === undefined) return;
    await getExternalWorkflowHandle(workflowId.town)
      .signal(mail, { about: letterAbout, failure })
      .catch(() => undefined);
  }

  /** It had been sent back before. */
  async function takeLetterBack(): Promise<void> {
    await getExternalWorkflowHandle(workflowId.town)
      .signal(settled, { about: letterAbout })
      .catch(() => undefined);
  }

  function submissionOf({ head, base, title, taskRef }: OpenedSubmission): Submission {
    return {
      bead: ownBranchKey(rig, name),
      // Larger than that of any run before, so that the same commit can be tried again after it was sent back.
      attempt: Math.floor(Date.now() / 1_000),
      head,
      base,
      title,
      taskRef,
      polecat: '',
      model: '',
      gateHash: '',
      workflowId: workflowId.submission(rig, name),
      keepsHistory: true,
    };
  }

  function status(): OwnBranchStatus {
    return {
      rig,
      branch,
      state: end.state,
      target: opened?.target,
      upstream: opened?.upstream,
      title: opened?.title ?? input.title ?? branch,
      head: opened?.head,
      commits: opened?.commits ?? 0,
      commit: end.commit,
      failure: end.failure,
      evidenceRef: end.evidenceRef,
    };
  }
}
