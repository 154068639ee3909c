import type { ComposedPrompt } from '../ports.ts';
import type { Polecat } from './polecat.ts';

/** Has the prompt of the present turn composed. `ask`: for a note instead of the next change. */
export const composeTurn = (polecat: Polecat, ask?: 'note'): Promise<ComposedPrompt | 'interrupted'> => {
  const { input, place, rig, life } = polecat;
  const { base = '', head = '', turn, conversation, feedback, noteRef } = life;
  const { model } = polecat.model();
  polecat.enter('composing');
  const summary = ask === undefined ? `prompt of turn ${turn}` : `prompt for a note, turn ${turn}`;
  return polecat.during(() =>
    rig.composePrompt.executeWithOptions({ summary }, [
      {
        ...{ ...place, spec: input.spec, model, base, head, conversation, turn, feedback, noteRef },
        ...(ask === undefined ? {} : { ask }),
        ...(input.reports === undefined ? {} : { reports: input.reports }),
        ...(life.malformed === undefined ? {} : { malformed: life.malformed }),
        ...(life.looks === undefined ? {} : { looks: life.looks }),
        ...(life.told === undefined ? {} : { told: life.told }),
        ...(life.squeezed === undefined ? {} : { squeeze: 0.7 ** life.squeezed }),
      },
    ]),
  );
};
