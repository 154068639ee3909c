/** Whether a bead may begin another turn, and what ends it when it may not. */
import { overCap } from '../budget/allowance.ts';
import { clip, type Failure } from '../failure.ts';
import type { BeadLife } from './beadLife.ts';
import { lastEvidence } from './feedback.ts';

export type Limit =
  | { readonly kind: 'go' }
  /** The next rung of the ladder of models takes over. */
  | { readonly kind: 'climb'; readonly rung: number }
  | { readonly kind: 'blocked'; readonly failure: Failure };

/** The cap at which no further call is made; tries are counted by rung and not here. */
export const capMet = ({ spent, caps }: BeadLife) =>
  overCap(spent, { ...caps, attempts: Number.POSITIVE_INFINITY });

/** Whether another turn may start, by caps first, then by failed tries. `trouble`: why the last calls brought no reply. */
export const limitOf = (life: BeadLife, bead: string, rungs: number, trouble?: Failure): Limit => {
  const cap = capMet(life);
  if (cap !== undefined && cap !== 'attempts') {
    return {
      kind: 'blocked',
      failure: {
        type: 'BudgetExhausted',
        what: `The bead has used up its ${capWords[cap].noun}.`,
        evidence:
          trouble === undefined
            ? lastEvidence(life)
            : clip(`${trouble.type}: ${trouble.what}\n${trouble.evidence}`),
        next: `Raise the cap and go on: gt resume ${bead} --${capWords[cap].flag} N`,
      },
    };
  }
  if (life.failures < life.caps.attempts) return { kind: 'go' };
  if (life.rung + 1 < rungs) return { kind: 'climb', rung: life.rung + 1 };
  return {
    kind: 'blocked',
    failure: {
      type: 'AttemptsExhausted',
      what: `${life.spent.attempts === 1 ? '1 try' : `${life.spent.attempts} tries`} failed and no other model is left to ask.`,
      evidence: lastEvidence(life),
      next: `Read the turns with: gt bead log ${bead}; then reword the task, or allow more tries: gt resume ${bead} --attempts 2`,
    },
  };
};

const capWords = {
  turns: { noun: 'turns', flag: 'turns' },
  tokens: { noun: 'tokens', flag: 'tokens' },
  wallMs: { noun: 'time', flag: 'minutes' },
  money: { noun: 'money', flag: 'money' },
} as const;
