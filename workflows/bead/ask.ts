import { CancellationScope, condition } from '@temporalio/workflow';
import { usageFrom } from '../activityFailure.ts';
import { charge } from '../domain/beadLife.ts';
import type { ModelStep } from '../domain/convoy.ts';
import type { CallRole, ComposedPrompt, Inferred } from '../ports.ts';
import { inferenceActivities } from '../proxies.ts';
import type { Polecat } from './polecat.ts';

/**
 * A call that the bead can do without: a note, a second opinion. Undefined when it brought no reply in its time, failed, or was
 * cut short because the bead is to stop; charged whatever became of it (G7).
 */
export const ask = async (
  polecat: Polecat,
  { model, callTimeoutMs }: ModelStep,
  prompt: ComposedPrompt,
  role: CallRole,
): Promise<Inferred | undefined> => {
  const { input, inbox, life } = polecat;
  const llm = inferenceActivities(model, callTimeoutMs, input.ref.convoy, input.pace);
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
      (reply) => ({ reply, usage: reply.usage }),
      (error: unknown) => ({ reply: undefined, usage: usageFrom(error) }),
    )
    .finally(() => {
      over = true;
    });
  try {
    // A model that nobody serves just now must not hold what can go on without it.
    const patienceMs = callTimeoutMs + input.pace.outlookLaterMs;
    await condition(() => over || inbox.shutdown !== undefined, patienceMs, {
      summary: `${role} by ${model}`,
    });
  } finally {
    if (!over) scope.cancel();
    const { usage } = await CancellationScope.nonCancellable(() => call);
    if (usage !== undefined) polecat.life = charge(polecat.life, usage);
  }
  return (await call).reply;
};
