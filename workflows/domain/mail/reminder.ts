/** When a person is told again of a letter that presses and that nobody has taken note of. */
import { overseer } from './addressee.ts';
import { type Letter, pressureOf } from './mailbox.ts';

export interface Reminding {
  /** From a letter, or its last reminder, to the next, ms. */
  readonly afterMs: number;
  /** Most reminders of one letter. */
  readonly times: number;
}

/** Letters that are due almost together are one message: a tenth of the pause, ten minutes at most. */
const together = ({ afterMs }: Reminding): number => Math.min(afterMs / 10, 600_000);

/** When the next reminder is due, epoch ms; undefined while no letter needs one. */
export const nextReminderAt = (letters: readonly Letter[], rule: Reminding): number | undefined => {
  const due = letters.filter((one) => presses(one, rule)).map((one) => dueAt(one, rule));
  return due.length === 0 ? undefined : Math.min(...due);
};

/** What the person is reminded of now, the oldest first. */
export const lettersDue = (letters: readonly Letter[], rule: Reminding, now: number): readonly Letter[] =>
  letters.some((one) => presses(one, rule) && dueAt(one, rule) <= now)
    ? letters.filter((one) => presses(one, rule) && dueAt(one, rule) <= now + together(rule))
    : [];

const presses = (letter: Letter, { times }: Reminding): boolean => {
  const { to = overseer, acknowledged, reminders = 0 } = letter;
  if (to !== overseer || acknowledged !== undefined || reminders >= times) return false;
  return ['warning', 'critical'].includes(pressureOf(letter) ?? '');
};

const dueAt = ({ at, remindedAt }: Letter, { afterMs }: Reminding): number => (remindedAt ?? at) + afterMs;
