import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { failureFrom } from '../activityFailure.ts';
import { reasonShape, submitShape, withdrawShape } from '../domain/messageShapes.ts';
import { defaultPace } from '../domain/pace.ts';
import { nextStep, reduceRefinery } from '../domain/queue/mergeQueue.ts';
import { refineryStatusOf, standingOf } from '../domain/queue/refineryReport.ts';
import { initialRefinery, isStopped, type RefineryEvent, type Step } from '../domain/queue/refineryState.ts';
import { refineryMarkdown } from '../domain/report/board.ts';
import type { RefineryStatus } from '../domain/report/report.ts';
import { pause, refineryStatus, resume, standing, submit, withdraw } from '../messages.ts';
import { landActivities, planners, refineryActivities } from '../proxies.ts';
import { receive, refuseUnfit } from '../receive.ts';
import type { refinery } from '../refinery.ts';
import { createDelivery } from './delivery.ts';
import { createFollower } from './follower.ts';
import type { RefineryInput } from './input.ts';
import { createStopTeller } from './stopTeller.ts';

/** Events with which a stopped queue may wait: a short history is one that newer code can replay (DESIGN §4 Change). */
const longestRest = 50;

/**
 * The merge queue as it was before it planned its tests: one group after the other. Queues that began so go on so until their next
 * run; histories of theirs replay here.
 */
export const groupAtATime = async (input: RefineryInput): Promise<void> => {
  const pace = input.pace ?? defaultPace;
  const target = { rig: input.rig, target: input.target, upstream: input.upstream };
  const bench = refineryActivities(input.rig, pace);
  const landing = landActivities(input.rig, pace);
  let state = input.carried ?? initialRefinery(input.rig, input.target, input.upstream);
  let version = 0;
  const tellStopped = createStopTeller(
    `the merge queue of ${input.rig} ${input.target}`,
    state.stopped?.failure,
  );
  const post = createDelivery(input.rig, bench);
  const follower = createFollower({
    upstream: input.upstream ?? input.target,
    pace,
    carried: input.followed,
    look: () => bench.forwardUpstream.executeWithOptions({ summary: 'bring the checkout along' }, [target]),
    changed: () => void version++,
  });

  receive(submit, submitShape, (submission) => take({ kind: 'submitted', submission }));
  receive(withdraw, withdrawShape, ({ workflowId, ...id }) => take({ kind: 'withdrawn', id, workflowId }));
  setHandler(
    pause,
    ({ reason }) => {
      take({ kind: 'paused', reason });
      return 'paused: finishes the step under way and starts none';
    },
    { validator: (request) => refuseUnfit('pause', reasonShape, request) },
  );
  setHandler(resume, () => {
    take({ kind: 'resumed' });
    return 'going on';
  });
  setHandler(standing, (id) => standingOf(state, id));
  setHandler(refineryStatus, status);
  follower.goOn();

  while (!workflowInfo().continueAsNewSuggested) {
    await tellStopped(state.stopped?.failure);
    const step = nextStep(state);
    setCurrentDetails(refineryMarkdown(status()));
    if (step.kind !== 'wait') take(await carryOut(step));
    else if (mayRestLong() && workflowInfo().historyLength > longestRest) break;
    else await rest(step.lookAgain);
  }
  // Nothing runs between two steps, so nothing is lost; signals that come now are taken by the next run.
  const followed = await follower.leave();
  await condition(() => post.isEmpty() && allHandlersFinished());
  return continueAsNew<typeof refinery>({ ...input, carried: state, followed });

  function status(): RefineryStatus {
    return { ...refineryStatusOf(state), upstream: follower.status() };
  }

  /** Whether only a person ends this wait: that may take days. */
  function mayRestLong(): boolean {
    return isStopped(state) || follower.status()?.behind !== undefined;
  }

  function take(event: RefineryEvent): void {
    const reduced = reduceRefinery(state, event);
    state = reduced.state;
    version++;
    for (const delivery of reduced.verdicts) post.deliver(delivery);
  }

  async function rest(lookAgain: boolean): Promise<void> {
    const seen = version;
    const news = (): boolean => version !== seen;
    if (!lookAgain) return condition(news);
    const woken = await condition(news, pace.baseRedMs, { summary: 'look at the target again' });
    if (!woken) take({ kind: 'lookAgain' });
  }

  async function carryOut(step: Exclude<Step, { kind: 'wait' }>): Promise<RefineryEvent> {
    try {
      return await run(step);
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { kind: 'failed', failure: failureFrom(error) };
    }
  }

  async function run(step: Exclude<Step, { kind: 'wait' }>): Promise<RefineryEvent> {
    switch (step.kind) {
      case 'chooseGroup':
        return { kind: 'chosen', keys: await planners.chooseGroup(step.waiting, step.suspects) };
      case 'compose': {
        const summary = step.members.length === 0 ? 'look at the target' : `compose ${step.members.length}`;
        const members = step.members;
        return {
          kind: 'composed',
          composed: await bench.composeGroup.executeWithOptions({ summary }, [{ ...target, members }]),
        };
      }
      case 'test': {
        const { kind, of, ...test } = step;
        const summary = `test the ${of}, run ${step.run}`;
        return {
          kind: 'tested',
          tested: await bench.testCommit.executeWithOptions({ summary }, [{ ...target, ...test }]),
        };
      }
      case 'land': {
        const { kind, ...land } = step;
        const summary = `land ${step.members.length}`;
        const landed = await landing.land.executeWithOptions({ summary }, [{ ...target, ...land }]);
        if (landed.outcome === 'stale') return { kind: 'stale', tip: landed.tip };
        if (target.upstream !== undefined) follower.follow();
        return { kind: 'landed' };
      }
    }
  }
};
