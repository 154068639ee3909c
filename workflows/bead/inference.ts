import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { failureFrom, overdue, restOf, usageFrom } from '../activityFailure.ts';
import { climbed, fitting, mostSqueezes, tooLong } from '../domain/bead/beadHandover.ts';
import { charge, unanswered } from '../domain/bead/beadLife.ts';
import { refused } from '../domain/bead/beadOutcome.ts';
import {
  callTimeout,
  failedAgain,
  isTrouble,
  lookedAt,
  mostTimeouts,
  pauseAfter,
} from '../domain/bead/trouble.ts';
import type { Failure } from '../domain/failure.ts';
import { closedFor, waitingSince } from '../domain/host/outlook.ts';
import type { ComposedPrompt, InferProgress, Inferred } from '../ports.ts';
import { inferenceActivities, townActivities } from '../proxies.ts';
import { blocked } from './end.ts';
import type { Polecat } from './polecat.ts';

/**
 * One model call, pulled by whichever host has the model open. While it waits, the bead looks now and then at why; its
 * own wall budget cancels it. Undefined when there is no reply to apply: stopped, or charged and to be asked again.
 */
export const inferReply = async (
  polecat: Polecat,
  { promptRef, estimatedTokens }: ComposedPrompt,
  samples = 1,
): Promise<Inferred | undefined> => {
  const { input, inbox, life, clock } = polecat;
  const { model, callTimeoutMs } = polecat.model();
  const llm = inferenceActivities(model, callTimeoutMs, input.ref.convoy, input);
  const scope = new CancellationScope();
  // Histories without stamps have not counted what the step took before its call.
  const from = clock.isStamped ? polecat.began : clock.now();
  let ends = from + Math.max(0, life.caps.wallMs - life.spent.wallMs);
  if (polecat.trouble?.model !== model) polecat.trouble = undefined;

  let over = false;
  const call = scope
    .run(() =>
      llm.infer.executeWithOptions({ summary: `turn ${life.turn} by ${model}` }, [
        {
          ...{ promptRef, estimatedTokens, model, bead: input.ref, turn: life.turn },
          conversation: life.conversation,
          ...(samples > 1 ? { samples } : {}),
        },
      ]),
    )
    .finally(() => {
      over = true;
    });
  // Watched below; without this an early failure would be an unhandled rejection.
  call.catch(() => undefined);

  inbox.abortable = scope;
  let gaveUp: Failure | undefined;
  try {
    if (inbox.shutdown?.mode === 'now') scope.cancel();
    gaveUp = await watch();
    if (gaveUp !== undefined) scope.cancel();
    const reply = await call;
    polecat.trouble = undefined;
    polecat.life = fitting(polecat.life);
    return reply;
  } catch (error) {
    // A cancelled bead stops watching before its call has ended, and only the call's own end says what was used (G7).
    scope.cancel();
    const usage = await CancellationScope.nonCancellable(() => call.then((reply) => reply.usage, usageFrom));
    if (usage !== undefined) polecat.life = charge(polecat.life, usage);
    if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
    if (gaveUp !== undefined) throw blocked(polecat, gaveUp);
    if (isCancellation(error)) return; // stopped now, or out of time: the loop looks next
    return await feedBack(polecat, error, ends);
  } finally {
    inbox.abortable = undefined;
  }

  /** Returns why nobody will answer, or undefined when the call is over or the bead's time is. */
  async function watch() {
    let next = input.pace.outlookFirstMs;
    let quiet: { since: number; until: number } | undefined;
    for (;;) {
      const left = Math.max(ends, quiet?.until ?? 0) - clock.now();
      if (left <= 0) {
        scope.cancel();
        return;
      }
      const wait = Math.min(next, left);
      const woken = await condition(() => over || stopsWaiting(polecat), wait, {
        summary: `waiting for ${model}`,
      });
      if (!woken) clock.slept(wait);
      if (quiet !== undefined) rested(Math.min(clock.now(), quiet.until) - quiet.since);
      clock.rests(woken && quiet !== undefined);
      quiet = undefined;
      if (over) return;
      if (!woken && clock.now() >= ends) continue;
      next = Math.min(next === input.pace.outlookFirstMs ? input.pace.outlookLaterMs : next * 2, 1_800_000);
      const outlook = clock.heard(await townActivities(input.pace).modelOutlook(model));
      const now = clock.now();
      const since = waitingSince(polecat.trouble?.closed, outlook, now);
      const closed = closedFor(model, outlook, { waitedMs: now - since, pace: input.pace });
      polecat.trouble = lookedAt(polecat.trouble, model, closed && { since, failure: closed.failure });
      if (stopsWaiting(polecat)) {
        scope.cancel();
        return;
      }
      if (closed?.giveUp) return closed.failure;
      if (closed?.quietUntil !== undefined) quiet = { since: now, until: closed.quietUntil };
      if (closed !== undefined) next = Math.min(next, closed.lookAgainMs);
    }
  }

  /** Quiet hours of a host are nobody's time at work. */
  function rested(ms: number): void {
    ends += Math.max(0, ms);
    clock.restedMs += Math.max(0, ms);
  }
};

/**
 * A stop lets a turn finish, but not wait for hosts that nobody serves: one that is quiet may be so for all the day. Nor does a
 * hand-over, which is asked for just then.
 */
const stopsWaiting = ({ inbox, input, trouble }: Polecat): boolean => {
  const handsOver = input.craft !== undefined && inbox.handoff !== undefined;
  return (inbox.shutdown !== undefined || handsOver) && trouble?.closed !== undefined;
};

/** A reply that never ends is the model's to mend; what keeps it from answering passes; all else a person mends. */
const feedBack = async (polecat: Polecat, error: unknown, ends: number): Promise<undefined> => {
  const { input, inbox, clock } = polecat;
  const { model } = polecat.model();
  const failure = callFailure(polecat, error);
  if (failure.type === 'ReplyEndless') {
    polecat.trouble = undefined;
    polecat.life = refused(polecat.life, { kind: 'length', summary: failure.what, ref: '' });
    return;
  }
  if (failure.type === 'ContextOverflow' && input.craft !== undefined) return shorten(polecat, failure);
  if (!isTrouble(failure)) throw blocked(polecat, failure);
  const trouble = failedAgain(polecat.trouble, model, { since: clock.now(), failure });
  if ((trouble.failed?.timeouts ?? 0) >= mostTimeouts) throw blocked(polecat, failure);
  polecat.trouble = trouble;
  polecat.life = unanswered(polecat.life);
  polecat.enter('inferring');
  const pause = Math.min(Math.max(pauseAfter(trouble, input.pace), restOf(error)), ends - clock.now());
  if (pause <= 0) return;
  const woken = await condition(() => inbox.shutdown !== undefined || inbox.handoff !== undefined, pause, {
    summary: `until ${model} is asked again`,
  });
  if (!woken) clock.slept(pause);
};

/** Our count of its prompt was too low: a shorter one, then a model with more room, then a person. */
const shorten = (polecat: Polecat, failure: Failure): undefined => {
  const { life, input } = polecat;
  if ((life.squeezed ?? 0) < mostSqueezes) polecat.life = tooLong(life);
  else if (life.rung + 1 < input.ladder.length)
    polecat.life = climbed(fitting(unanswered(life)), life.rung + 1);
  else throw blocked(polecat, failure);
};

const callFailure = (polecat: Polecat, error: unknown): Failure => {
  const late = overdue(error);
  if (late === undefined) return failureFrom(error);
  const { model, callTimeoutMs } = polecat.model();
  const { host } = (late.lastBeat ?? {}) as Partial<InferProgress>;
  return callTimeout(model, callTimeoutMs, typeof host === 'string' ? host : undefined);
};
