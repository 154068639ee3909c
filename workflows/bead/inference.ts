import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { failureFrom, usageFrom } from '../activityFailure.ts';
import { charge, refused } from '../domain/beadLife.ts';
import type { Failure } from '../domain/failure.ts';
import { closedFor } from '../domain/outlook.ts';
import type { ComposedPrompt, Inferred } from '../ports.ts';
import { inferenceActivities, townActivities } from '../proxies.ts';
import { blocked } from './end.ts';
import type { Polecat } from './polecat.ts';

/**
 * One model call, pulled by whichever host has the model open. While it waits, the bead looks now and then at why; its
 * own wall budget cancels it. Undefined when there is no reply to apply: stopped, or charged and fed back.
 */
export const inferReply = async (polecat: Polecat, prompt: ComposedPrompt): Promise<Inferred | undefined> => {
  const { input, inbox, life } = polecat;
  const { model, callTimeoutMs } = polecat.model();
  const llm = inferenceActivities(model, callTimeoutMs, input.ref.convoy, input.pace);
  const scope = new CancellationScope();
  const ends = Date.now() + Math.max(0, life.caps.wallMs - life.spent.wallMs);

  let over = false;
  const call = scope
    .run(() =>
      llm.infer.executeWithOptions({ summary: `turn ${life.turn} by ${model}` }, [
        { ...prompt, model, bead: input.ref, turn: life.turn },
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
    return await call;
  } catch (error) {
    // A cancelled bead stops watching before its call has ended, and only the call's own end says what was used (G7).
    scope.cancel();
    const usage = await CancellationScope.nonCancellable(() => call.then((reply) => reply.usage, usageFrom));
    if (usage !== undefined) polecat.life = charge(polecat.life, usage);
    if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
    if (gaveUp !== undefined) throw blocked(polecat, gaveUp);
    if (isCancellation(error)) return; // stopped now, or out of time: the loop looks next
    return feedBack(polecat, error);
  } finally {
    inbox.abortable = undefined;
    polecat.waiting = undefined;
  }

  /** Returns why nobody will answer, or undefined when the call is over or the bead's time is. */
  async function watch() {
    const since = Date.now();
    let next = input.pace.outlookFirstMs;
    for (;;) {
      const left = ends - Date.now();
      if (left <= 0) {
        scope.cancel();
        return;
      }
      if (await condition(() => over, Math.min(next, left), { summary: `waiting for ${model}` })) return;
      if (Date.now() >= ends) continue;
      next = Math.min(next === input.pace.outlookFirstMs ? input.pace.outlookLaterMs : next * 2, 1_800_000);
      const outlook = await townActivities(input.pace).modelOutlook(model);
      const closed = closedFor(model, outlook, { waitedMs: Date.now() - since, pace: input.pace });
      polecat.waiting = closed && { since, failure: closed.failure };
      if (closed !== undefined && closed.giveUp) return closed.failure;
      if (closed !== undefined) next = Math.min(next, closed.lookAgainMs);
    }
  }
};

/** A call that failed for good: one whose reply never ends is the model's to mend, all else a person's. */
const feedBack = (polecat: Polecat, error: unknown): undefined => {
  const failure = failureFrom(error);
  // Swaps and restarts took the host away every time: the town's doing, so another turn asks again.
  if (failure.type === 'LeaseLost') return;
  if (failure.type !== 'ReplyEndless') throw blocked(polecat, failure);
  polecat.life = refused(polecat.life, { kind: 'length', summary: failure.what, ref: '' });
};
