import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { failureFrom } from '../activityFailure.ts';
import { defaultPace } from '../domain/pace.ts';
import { type BookEvent, emptyBook } from '../domain/refinery/book/book.ts';
import { type Duty, dutyOf } from '../domain/refinery/book/duty.ts';
import { reduce } from '../domain/refinery/book/reduce.ts';
import { isRestDue } from '../domain/refinery/book/restDue.ts';
import { statusOfBook } from '../domain/refinery/book/status.ts';
import { bookOf } from '../domain/refinery/book/takenOver.ts';
import type { LiveRun, QueueState } from '../domain/refinery/screening/queue.ts';
import { mostRows } from '../domain/report/markdown.ts';
import { refineryMarkdown } from '../domain/report/refineryMarkdown.ts';
import type { RefineryStatus } from '../domain/report/report.ts';
import { landActivities, planners, refineryActivities } from '../proxies.ts';
import type { refinery } from '../refinery.ts';
import { createDelivery } from './delivery.ts';
import { createFollower } from './follower.ts';
import type { RefineryInput } from './input.ts';
import { handleQueueMessages } from './messages.ts';
import { landUntested } from './override.ts';
import { examined, landRun, mergeUpstream, testOf } from './steps.ts';
import { createStopTeller } from './stopTeller.ts';

/** Events with which a stopped queue may wait: a short history is one that newer code can replay (DESIGN §4 Change). */
const longestRest = 50;

/**
 * Tests run beside each other and beside everything else; one loop looks, plans and lands. The rules are a reducer (`book`), what to
 * test and when to land is the planner's; this shell carries it out.
 */
export const screenAndConfirm = async (input: RefineryInput): Promise<void> => {
  const pace = input.pace ?? defaultPace;
  const target = { rig: input.rig, target: input.target, upstream: input.upstream };
  const benches = {
    target,
    bench: refineryActivities(input.rig, pace),
    landing: landActivities(input.rig, pace),
  };
  let book = startingBook(input);
  let version = 0;
  /** The queue for which there was nothing to do. */
  let idleFor: QueueState | undefined;
  const tests = new Map<number, CancellationScope>();
  const tellStopped = createStopTeller(
    `the merge queue of ${input.rig} ${input.target}`,
    book.stopped?.failure,
  );
  const post = createDelivery(input.rig, benches.bench);
  const follower = createFollower({
    upstream: input.upstream ?? input.target,
    pace,
    carried: input.followed,
    look: () =>
      benches.bench.forwardUpstream.executeWithOptions({ summary: 'bring the checkout along' }, [target]),
    changed: () => void version++,
  });

  handleQueueMessages({ book: () => book, take, status: () => status() });
  follower.goOn();

  while (!mustRest()) {
    await tellStopped(book.stopped?.failure);
    setCurrentDetails(refineryMarkdown(status(mostRows)));
    const duty = dutyOf(book);
    if (duty.kind === 'wait' || (duty.kind === 'plan' && idleFor === book.queue)) {
      if (mayRestLong() && workflowInfo().historyLength > longestRest) break;
      await rest(duty.kind === 'wait' ? duty.lookAgain : book.stopped !== undefined);
    } else await carryOut(duty);
  }
  // A test under way would be lost with this run; signals that come now are taken by the next one.
  await condition(() => tests.size === 0);
  const followed = await follower.leave();
  await condition(() => post.isEmpty() && allHandlersFinished());
  const { carried: _, ...same } = input;
  return continueAsNew<typeof refinery>({ ...same, book, followed });

  function status(most?: number): RefineryStatus {
    return { ...statusOfBook(book, most), upstream: follower.status() };
  }

  function mustRest(): boolean {
    const { continueAsNewSuggested: suggested, historyLength: events, historySize: bytes } = workflowInfo();
    // Runs of before hand over at the suggestion, whatever is under way.
    if (isRestDue({ suggested, testsUnderWay: tests.size, events, bytes })) return true;
    return suggested && !patched('rests-between-tests');
  }

  /** Whether only a person ends this wait: that may take days. */
  function mayRestLong(): boolean {
    const isStill = book.paused !== undefined || book.stopped !== undefined;
    return tests.size === 0 && (isStill || follower.status()?.behind !== undefined);
  }

  function take(event: BookEvent): void {
    const reduced = reduce(book, event, Date.now());
    book = reduced.book;
    version++;
    for (const delivery of reduced.verdicts) post.deliver(delivery);
  }

  async function rest(lookAgain: boolean): Promise<void> {
    const seen = version;
    const isNew = (): boolean => version !== seen;
    if (!lookAgain) return condition(isNew);
    const woken = await condition(isNew, pace.baseRedMs, { summary: 'look at the target again' });
    if (!woken) take({ kind: 'look' });
  }

  async function carryOut(duty: Exclude<Duty, { kind: 'wait' }>): Promise<void> {
    try {
      await run(duty);
    } catch (error) {
      if (isCancellation(error)) throw error;
      take({ kind: 'failed', failure: failureFrom(error) });
    }
  }

  async function run(duty: Exclude<Duty, { kind: 'wait' }>): Promise<void> {
    switch (duty.kind) {
      case 'look':
        return take(await examined(benches, book));
      case 'merge':
        return take(await mergeUpstream(benches, book));
      case 'land':
        return took(await landRun(benches, book, duty.run));
      case 'override':
        take({ kind: 'overriding', id: duty.id });
        return took(await landUntested(benches, book, duty.id));
      case 'plan':
        return plan();
    }
  }

  function took(event: BookEvent): void {
    take(event);
    const isLanded = event.kind === 'landed' || event.kind === 'overrode';
    if (isLanded && target.upstream !== undefined) follower.follow();
  }

  async function plan(): Promise<void> {
    const { queue } = book;
    const decision = await planners.planQueue(queue);
    // Whatever came meanwhile may have changed what was decided on; the next round sees it.
    if (book.queue !== queue) return;
    for (const run of decision.cancel) tests.get(run)?.cancel();
    take({ kind: 'decided', decision });
    for (const one of book.queue.running) if (one.id >= queue.nextRun) start(one);
    const isDone = decision.land === undefined && decision.reject.length === 0;
    if (isDone) idleFor = book.queue;
  }

  function start(one: LiveRun): void {
    const scope = new CancellationScope();
    tests.set(one.id, scope);
    const { summary, request } = testOf(benches.target, book, one);
    scope
      .run(() => benches.bench.testGroup.executeWithOptions({ summary }, [request]))
      .then(
        (answer) => take({ kind: 'tested', run: one.id, answer }),
        (error) => {
          take({ kind: 'broken', run: one.id });
          if (!isCancellation(error)) take({ kind: 'failed', failure: failureFrom(error) });
        },
      )
      .finally(() => {
        tests.delete(one.id);
        version++;
      });
  }
};

const startingBook = ({ rig, target, upstream, carried, book }: RefineryInput) =>
  book ?? (carried === undefined ? emptyBook(rig, target, upstream) : bookOf(carried, Date.now()));
