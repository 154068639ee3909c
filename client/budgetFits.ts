import { leastPart } from '../workflows/domain/allowance.ts';
import type { ConvoySettings } from '../workflows/domain/convoy.ts';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

type Budget = Pick<ConvoySettings, 'caps' | 'tokens'>;

/** Throws `BudgetTooSmall` (exit 2) for a convoy of which no bead could ever start. */
export const assertBudget = ({ tokens, caps }: Budget): void => {
  if (tokens === undefined || tokens >= leastPart(caps.tokens)) return;
  throw new ClientError(exitCode.badInput, {
    type: 'BudgetTooSmall',
    what: `The budget of this convoy, ${figure(tokens)} tokens, is smaller than what one bead (task) starts with.`,
    evidence: `a bead may use ${figure(caps.tokens)} tokens (limits.bead.tokens) and starts with no less than a quarter, ${figure(leastPart(caps.tokens))}`,
    next: `Launch it with --tokens ${leastPart(caps.tokens)} or more (limits.tokensPerConvoy in gastown.yaml), or lower limits.bead.tokens. Nothing was started.`,
  });
};

/** What is worth knowing of a budget that beads can start with, but not as they otherwise would; undefined when all is as usual. */
export const budgetNote = ({ tokens, caps }: Budget, convoy: string): string | undefined =>
  tokens === undefined || tokens >= caps.tokens
    ? undefined
    : `The budget of ${figure(tokens)} tokens is smaller than what one bead may use, ${figure(caps.tokens)}: ` +
      `beads start one at a time, each with what is left. More: \`gt budget raise ${convoy} N\`.`;

const figure = (tokens: number): string => tokens.toLocaleString('en-US');
