/**
 * The form in which a model is asked to give its changes. Models differ widely in which one they keep to (aider's leaderboards
 * and "edit format" study), so the form follows what was measured, and moves on while a bead's replies are malformed. Whatever
 * was asked for, every form is read.
 */
export type EditForm = 'whole' | 'blocks' | 'tools';

/** The ladder: what the weakest models can do comes first. */
export const editForms = ['whole', 'blocks', 'tools'] as const satisfies readonly EditForm[];

/** Replies of one model in one form. */
export interface FormCount {
  readonly form: EditForm;
  readonly wellFormed: number;
  readonly malformed: number;
}

/** So many malformed replies in a row end the trust in a form, for this bead. */
export const malformedPerForm = 2;

/** A form that was never tried counts as this many replies at the rate that the first form of a usable model has. */
const prior = { replies: 10, rate: 0.8 } as const;

/**
 * The form of the next prompt. `auto` begins with the form that was well-formed most often so far; forms hardly tried get the
 * benefit of the doubt, so that a model whose first form fails finds its better one. `malformed`: replies in a row just now.
 */
export const formFor = (of: {
  readonly configured: EditForm | 'auto';
  readonly counts: readonly FormCount[];
  readonly malformed: number;
}): EditForm => {
  const first = of.configured === 'auto' ? best(of.counts) : of.configured;
  const moves = Math.floor(Math.max(0, of.malformed) / malformedPerForm);
  return editForms[(editForms.indexOf(first) + moves) % editForms.length] ?? first;
};

/** Share of well-formed replies, drawn towards the prior where there are few. */
export const wellFormedness = ({ wellFormed, malformed }: Omit<FormCount, 'form'>): number =>
  (wellFormed + prior.rate * prior.replies) / (wellFormed + malformed + prior.replies);

/** Replies in a form before another one is preferred to it, and by how much that must be better: a few bad ones prove nothing. */
const enough = { replies: 12, margin: 0.05 } as const;

/** The earliest form that none of the later ones is clearly better than. */
const best = (counts: readonly FormCount[]): EditForm => {
  const of = (form: EditForm): Omit<FormCount, 'form'> =>
    counts.find((one) => one.form === form) ?? { wellFormed: 0, malformed: 0 };
  const isBetter = (form: EditForm, than: EditForm): boolean => {
    const { wellFormed, malformed } = of(than);
    return (
      wellFormed + malformed >= enough.replies &&
      wellFormedness(of(form)) > wellFormedness(of(than)) + enough.margin
    );
  };
  return editForms.reduce<EditForm>((found, form) => (isBetter(form, found) ? form : found), 'whole');
};
