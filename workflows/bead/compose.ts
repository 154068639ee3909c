import { isCancellation } from '@temporalio/workflow';
import { failureFrom } from '../activityFailure.ts';
import { climbed } from '../domain/bead/beadHandover.ts';
import { unanswered } from '../domain/bead/beadLife.ts';
import type { ComposedPrompt } from '../ports.ts';
import type { Polecat } from './polecat.ts';

/** Has the prompt of the present turn composed. One that no prompt of its model can hold is the next model's. */
export const composeTurn = async (polecat: Polecat): Promise<ComposedPrompt | 'interrupted'> => {
  const { input, life } = polecat;
  const canClimb = input.craft !== undefined && life.rung + 1 < input.ladder.length;
  polecat.enter('composing');
  const prompt = await polecat.during(() =>
    compose(polecat, `prompt of turn ${life.turn}`).catch((error: unknown) => {
      if (!canClimb || failureOf(error) !== 'ContextOverflow') throw error;
      return undefined;
    }),
  );
  if (prompt !== undefined) return prompt;
  polecat.life = climbed(unanswered(life), life.rung + 1);
  return 'interrupted';
};

/** Has a prompt for a note composed. The note can be written without it: what fails here ends no bead. */
export const composeNote = async (polecat: Polecat): Promise<ComposedPrompt | 'interrupted'> => {
  polecat.enter('composing');
  const prompt = await polecat.during(() =>
    compose(polecat, `prompt for a note, turn ${polecat.life.turn}`, 'note').catch((error: unknown) => {
      const type = failureOf(error);
      if (type === undefined || type === 'WorktreeLost') throw error;
      return undefined;
    }),
  );
  return prompt ?? 'interrupted';
};

/** Undefined for a cancellation, which is none. */
const failureOf = (error: unknown): string | undefined =>
  isCancellation(error) ? undefined : failureFrom(error).type;

const compose = (polecat: Polecat, summary: string, ask?: 'note'): Promise<ComposedPrompt> => {
  const { input, place, rig, life } = polecat;
  const { base = '', head = '', turn, conversation, feedback, noteRef } = life;
  const { model } = polecat.model();
  return rig.composePrompt.executeWithOptions({ summary }, [
    {
      ...{ ...place, spec: input.spec, model, base, head, conversation, turn, feedback, noteRef },
      ...(ask === undefined ? {} : { ask }),
      ...(input.reports === undefined ? {} : { reports: input.reports }),
      ...(life.malformed === undefined ? {} : { malformed: life.malformed }),
      ...(life.looks === undefined ? {} : { looks: life.looks }),
      ...(life.told === undefined ? {} : { told: life.told }),
      ...(life.squeezed === undefined ? {} : { squeeze: 0.7 ** life.squeezed }),
    },
  ]);
};
