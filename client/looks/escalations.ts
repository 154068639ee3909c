import { overseer } from '../../workflows/domain/mail/addressee.ts';
import { type Letter, lettersTo, pressureOf } from '../../workflows/domain/mail/mailbox.ts';
import { rankOf, type Severity } from '../../workflows/domain/mail/severity.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { escalationLines } from '../render/escalations.ts';
import { lettersOf } from './inbox.ts';

/** A letter with how much it presses. */
export type Escalation = Letter & { readonly severity: Severity };

/** The answer of `gt escalations`. */
export const escalations = async (call: Call<object>): Promise<Answer> => {
  const { client } = await call.glance();
  const found = escalationsIn(await lettersOf(client));
  return {
    data: found,
    meta: { count: found.length },
    lines: (terminal) => escalationLines(found, terminal),
  };
};

/** What presses most first; of that, what nobody has taken note of, and then the oldest. */
export const escalationsIn = (letters: readonly Letter[]): readonly Escalation[] =>
  lettersTo(letters, overseer)
    .flatMap((letter) => {
      const severity = pressureOf(letter);
      return severity === undefined ? [] : [{ ...letter, severity }];
    })
    .toSorted(
      (a, b) =>
        rankOf(b.severity) - rankOf(a.severity) ||
        Number(a.acknowledged !== undefined) - Number(b.acknowledged !== undefined) ||
        a.at - b.at,
    );
