import { CancellationScope, condition, isCancellation, setHandler } from '@temporalio/workflow';
import { failureFrom } from './activityFailure.ts';
import { directShape, verdictShape } from './domain/messageShapes.ts';
import { home, parseBeadKey, workflowId } from './domain/naming.ts';
import { defaultPace, type Pace } from './domain/pace.ts';
import {
  type BeadStanding,
  type DirectOf,
  type DirectRequest,
  type DirectStatus,
  directChecks,
  refusalOf,
} from './domain/queue/direct.ts';
import { begunStatus, sentBackNext, unknownBead } from './domain/queue/directEnds.ts';
import { directKey } from './domain/queue/directKey.ts';
import { type Submission, submissionKey, type Verdict } from './domain/queue/submission.ts';
import { directStatus, landAgain, verdict } from './messages.ts';
import type { OpenedDirect } from './ports.ts';
import { ownBranchActivities, townActivities } from './proxies.ts';
import { receive } from './receive.ts';

/** The input of the workflow `direct`. */
export interface DirectInput {
  readonly of: DirectOf;
  readonly request: DirectRequest;
  readonly pace?: Pace;
}

interface Sent {
  readonly submission: Submission;
  readonly rig: string;
  readonly opened: OpenedDirect;
}

/**
 * A person's direct landing: looks whether anything speaks against it, and has the Refinery land it before all else. Told again
 * (`landAgain`) it does what is said last, in the place of what waits. Its end is data, never a failure.
 */
export async function direct(input: DirectInput): Promise<DirectStatus> {
  const { of, pace = defaultPace } = input;
  const door = townActivities(pace);
  const verdicts: Verdict[] = [];
  const earlier: string[] = [];
  let next: DirectRequest | undefined;
  let request = input.request;
  let status = begun();
  let waiting: Sent | undefined;
  let attempt = 0;

  receive(verdict, verdictShape, (one) => void verdicts.push(one));
  receive(landAgain, directShape, (one) => {
    if (one.id === request.id) return;
    if (next !== undefined) earlier.push(next.id);
    next = one;
  });
  setHandler(directStatus, () => status);

  do {
    if (next !== undefined) earlier.push(request.id);
    request = next ?? request;
    next = undefined;
    status = begun();
    try {
      await land();
    } catch (error) {
      // Out of the queue first: what a person does not expect any more must not land behind their back.
      await CancellationScope.nonCancellable(withdraw);
      if (status.state === 'landed') break;
      if (isCancellation(error)) tell({ state: 'withdrawn' });
      else tell({ state: 'failed', failure: failureFrom(error) });
    }
  } while (next !== undefined);
  await CancellationScope.nonCancellable(farewell);
  return status;

  function rigAt(rig: string) {
    return ownBranchActivities({ rig, place: home, convoy: 'direct' }, pace);
  }

  function begun(): DirectStatus {
    return begunStatus(of, request, earlier);
  }

  function tell(news: Partial<DirectStatus>): void {
    status = { ...status, ...news };
  }

  async function land(): Promise<void> {
    const bead = of.kind === 'bead' ? await door.beadStanding(of.bead) : undefined;
    if (bead === null) return tell({ state: 'failed', failure: unknownBead(of) });
    const opened = await open(bead);
    const { target, upstream, head, title, commits, evidenceRef } = opened;
    tell({ rig: rigOf(bead), target, upstream, head, title, commits, evidenceRef });
    if (opened.landed !== undefined)
      return tell({ state: 'landed', ...(opened.landed === '' ? {} : { commit: opened.landed }) });
    const checks = directChecks(of, request, { ...opened, ...(bead === undefined ? {} : { bead }) });
    const refusal = refusalOf(checks);
    tell({ checks });
    if (request.look === true) return tell({ state: 'looked', failure: refusal });
    if (refusal !== undefined) {
      await withdraw();
      return tell({ state: 'refused', failure: refusal });
    }
    const sent: Sent = { submission: submissionOf(opened, bead), rig: rigOf(bead), opened };
    waiting = sent;
    tell({ state: 'queued' });
    await door.submit(asked(sent));
    settle(await verdictOn(sent, 'submit'));
  }

  function open(bead: BeadStanding | undefined): Promise<OpenedDirect> {
    const { look, target, title } = request;
    return rigAt(rigOf(bead)).openDirect({
      ...{
        rig: rigOf(bead),
        of,
        name: refName(of),
        target: bead?.lands.target ?? target,
        title: title ?? bead?.title,
      },
      ...(bead === undefined ? {} : { upstream: bead.lands.upstream, taskRef: bead.lands.taskRef }),
      ...(look === true ? { look } : {}),
    });
  }

  function rigOf(bead: BeadStanding | undefined): string {
    return of.kind === 'bead' ? (bead?.lands.rig ?? '') : of.rig;
  }

  function settle(last: Verdict | undefined): void {
    if (last === undefined) return;
    waiting = undefined;
    if (last.outcome === 'landed') tell({ state: 'landed', commit: last.commit });
    if (last.outcome === 'withdrawn') tell({ state: 'withdrawn' });
    if (last.outcome === 'sentBack') {
      const failure = { ...last.failure, next: sentBackNext(of) };
      tell({ state: 'sentBack', failure, evidenceRef: last.evidenceRef });
    }
  }

  /** The Refinery's last word. Undefined when the person has asked for something else meanwhile. */
  async function verdictOn(one: Sent, want: 'submit' | 'withdraw'): Promise<Verdict | undefined> {
    const key = submissionKey(one.submission);
    const found = (): Verdict | undefined => verdicts.find((each) => submissionKey(each) === key);
    for (let wait = pace.standingFirstMs; ; wait = pace.standingLaterMs) {
      const isNews = (): boolean => found() !== undefined || (next !== undefined && want === 'submit');
      if (await condition(isNews, wait, { summary: 'waiting for the Refinery' })) return found();
      const standing = await door.standing(asked(one));
      if (standing !== 'queued' && found() === undefined) await door[want](asked(one));
    }
  }

  async function withdraw(): Promise<void> {
    const one = waiting;
    if (one === undefined) return;
    await door.withdraw(asked(one));
    settle(await verdictOn(one, 'withdraw'));
  }

  function asked({ rig, opened: { target, upstream }, submission }: Sent) {
    return { rig, target, upstream, submission };
  }

  function submissionOf(opened: OpenedDirect, bead: BeadStanding | undefined): Submission {
    const { head, base, title, taskRef } = opened;
    const { by, untested } = request;
    // Larger than that of any before, so that the same commit can be tried again after it was sent back.
    attempt = Math.max(attempt + 1, Math.floor(Date.now() / 1_000));
    return {
      ...{ bead: directKey(of), attempt, head, base, title, taskRef, gateHash: '' },
      ...{
        polecat: bead?.polecat ?? '',
        model: bead?.model ?? '',
        workflowId: workflowId.direct(directKey(of)),
      },
      ...(bead === undefined ? { keepsHistory: true } : {}),
      direct: { by, ...(untested === undefined ? {} : { untested }) },
    };
  }

  /** What was kept of a branch is let go; a bead that waits for a person finds that it has landed, so that others may start. */
  async function farewell(): Promise<void> {
    if (request.look === true) return;
    const quietly = (): undefined => undefined;
    const ref = of.kind === 'bead' ? parseBeadKey(of.bead) : undefined;
    if (of.kind !== 'bead')
      await rigAt(of.rig)
        .closeSubmission({ rig: of.rig, name: refName(of) })
        .catch(quietly);
    else if (ref !== undefined && status.state === 'landed')
      await door
        .update({
          ...{ workflowId: workflowId.epic(ref.convoy, ref.epic), name: 'retryBead' },
          argument: { bead: ref.bead },
        })
        .catch(quietly);
  }
}

/** Under which the rig keeps the commits of what is no bead. */
const refName = (of: DirectOf): string => directKey(of).replaceAll('/', '-');
