/** How a bead goes from one conversation, model or prompt to the next. */
import { type BeadLife, unanswered, withoutSpares } from './beadLife.ts';
import { heard, type Told } from './told.ts';

/**
 * The rung that a hand-over leads to, and what to write of it. A model that is not on the ladder changes nothing but what
 * is written: the request was a signal, which nobody could refuse.
 */
export const handoverOf = (
  request: { readonly reason: string; readonly model?: string },
  ladder: readonly string[],
  present: number,
): { readonly rung: number | undefined; readonly said: string } => {
  const { reason, model } = request;
  const at = model === undefined ? -1 : ladder.indexOf(model);
  if (model === undefined || at >= 0) return { rung: at < 0 ? undefined : at, said: reason };
  const known = `its ladder of models is ${ladder.join(', ')}`;
  return {
    rung: undefined,
    said: `${reason} (goes on with ${ladder[present] ?? ladder[0]}, not with ${JSON.stringify(model)}: ${known})`,
  };
};

/**
 * A hand-over moves nothing but the conversation: worktree, branch and attempts stay, and so does how far the model has come on
 * the ladder of forms, which a fresh conversation would only climb again.
 */
export const handedOver = (
  life: BeadLife,
  noteRef: string | undefined,
  rung: number | undefined,
): BeadLife => ({
  ...withoutSpares(withoutLooks(life)),
  noteRef,
  conversation: life.conversation + 1,
  refusals: 0,
  feedback: [],
  ...(life.marks === undefined ? {} : { marks: [] }),
  ...(rung === undefined || rung === life.rung ? {} : { rung, failures: 0, ...onNewRung(life) }),
});

/** A full conversation makes room. That remedies no circle: whoever only looks on and on is still seen to. */
export const madeRoom = (life: BeadLife, noteRef: string | undefined, why: string): BeadLife => ({
  ...handedOver(life, noteRef, undefined),
  ...(life.marks === undefined ? {} : { marks: life.marks }),
  handover: why,
});

/** The next model takes over, with every form and every remedy before it. */
export const climbed = (life: BeadLife, rung: number): BeadLife => ({
  ...fitting(life),
  rung,
  failures: 0,
  refusals: 0,
  ...onNewRung(life),
});

/** The server counted more for the prompt than its model has room for: the next one is shorter, and no turn is lost. */
export const tooLong = (life: BeadLife): BeadLife => ({
  ...unanswered(life),
  squeezed: (life.squeezed ?? 0) + 1,
});

/** So often a prompt is made shorter before another model is asked, or a person. */
export const mostSqueezes = 2;

/** The last prompt fitted. */
export const fitting = ({ squeezed: _, ...life }: BeadLife): BeadLife => life;

/** What somebody tells it; the next prompts have it. */
export const toldSo = (life: BeadLife, words: readonly Told[]): BeadLife =>
  words.length === 0 ? life : { ...life, told: words.reduce(heard, life.told ?? []) };

/** Another model is another chance for every form and every remedy. */
const onNewRung = ({ marks, malformed }: BeadLife): Pick<BeadLife, 'marks' | 'remedies' | 'malformed'> => ({
  ...(malformed === undefined ? {} : { malformed: 0 }),
  ...(marks === undefined ? {} : { marks: [], remedies: 0 }),
});

const withoutLooks = ({ looks: _, ...life }: BeadLife): BeadLife => life;
