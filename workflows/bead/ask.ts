import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { failureFrom, overdue, usageFrom } from '../activityFailure.ts';
import { charge } from '../domain/bead/beadLife.ts';
import { isTrouble } from '../domain/bead/trouble.ts';
import type { ModelStep } from '../domain/convoy.ts';
import type { CallRole, ComposedPrompt, Inferred } from '../ports.ts';
import { inferenceActivities, townActivities } from '../proxies.ts';
import type { Polecat } from './polecat.ts';

/**
 * A call that the bead can do without: a note, a second opinion. Undefined when it brought no reply in its time, failed, or was
 * cut short because the bead is to stop; charged whatever became of it (G7).
 */
export const ask = async (
  polecat: Polecat,
  step: ModelStep,
  prompt: ComposedPrompt,
  role: CallRole,
): Promise<Inferred | undefined> => {
  const { inbox, input } = polecat;
  // A model that nobody serves just now must not hold what can go on without it.
  const ends = polecat.clock.now() + step.callTimeoutMs + input.pace.outlookLaterMs;
  for (let tries = 1; ; tries++) {
    const { reply, passes } = await askOnce(polecat, step, prompt, { role, ends });
    const pause = Math.min(input.pace.retryMs * 2 ** tries, ends - polecat.clock.now());
    if (reply !== undefined || !passes || tries >= mostTries || pause <= 0) return reply;
    const stops = await condition(() => inbox.shutdown !== undefined, pause, {
      summary: `until ${step.model} is asked again`,
    });
    if (stops) return;
    polecat.clock.slept(pause);
  }
};

/** A worker that was restarted, or a stream that was cut, is no answer; a host that goes on so is nobody's to wait for. */
const mostTries = 3;

/** `passes`: the trouble that it ended with may be over soon. */
const askOnce = async (
  polecat: Polecat,
  { model, callTimeoutMs }: ModelStep,
  prompt: ComposedPrompt,
  { role, ends }: { readonly role: CallRole; readonly ends: number },
): Promise<{ readonly reply: Inferred | undefined; readonly passes: boolean }> => {
  const { input, inbox, life, clock } = polecat;
  const left = (): number => Math.max(1, ends - clock.now());
  const llm = inferenceActivities(model, callTimeoutMs, input.ref.convoy, input);
  const scope = new CancellationScope();
  let over = false;
  const { promptRef, estimatedTokens } = prompt;
  const call = scope
    .run(() =>
      llm.infer.executeWithOptions({ summary: `${role} of turn ${life.turn} by ${model}` }, [
        {
          ...{ promptRef, estimatedTokens, model, bead: input.ref, turn: life.turn, role },
          conversation: life.conversation,
        },
      ]),
    )
    .then(
      (reply) => ({ reply, usage: reply.usage, passes: false }),
      (error: unknown) => ({ reply: undefined, usage: usageFrom(error), passes: isPassing(error) }),
    )
    .finally(() => {
      over = true;
    });
  try {
    const isDone = (): boolean => over || inbox.shutdown !== undefined;
    const waits = { summary: `${role} by ${model}` };
    const first = Math.min(input.pace.outlookFirstMs, left());
    const soon = await condition(isDone, first, waits);
    if (!soon) {
      clock.slept(first);
      const outlook = clock.heard(await townActivities(input.pace).modelOutlook(model));
      const rest = left();
      // A swap is worth waiting for; hosts that are down, or quiet for the day, are not.
      if (outlook.open.length > 0 && !(await condition(isDone, rest, waits))) clock.slept(rest);
    }
  } finally {
    if (!over) scope.cancel();
    const { usage } = await CancellationScope.nonCancellable(() => call);
    if (usage !== undefined) polecat.life = charge(polecat.life, usage);
  }
  return await call;
};

const isPassing = (error: unknown): boolean =>
  !isCancellation(error) && overdue(error) === undefined && isTrouble(failureFrom(error));
