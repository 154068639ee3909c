import { condition, workflowInfo } from '@temporalio/workflow';
import { type Announcement, mostReasons } from '../domain/mail/announcement.ts';
import type { Letter } from '../domain/mail/mailbox.ts';
import { lettersDue, nextReminderAt, type Reminding } from '../domain/mail/reminder.ts';
import { waitFor } from '../waitFor.ts';

interface Reminders {
  /** Undefined while the town has been told of none: then no timer is ever set. */
  readonly rule: () => Reminding | undefined;
  readonly letters: () => readonly Letter[];
  /** Notes that the person was reminded of these. */
  readonly note: (ids: readonly number[]) => void;
  readonly announce: (one: Announcement) => void;
}

/** Tells the person again, as long as the town runs, of letters that press and that nobody has taken note of. */
export const remindOfLetters = ({ rule, letters, note, announce }: Reminders): void => {
  // Cancelled with the workflow, whose own end says so.
  watch().catch(() => undefined);

  async function watch(): Promise<void> {
    for (;;) {
      await condition(() => nextAt() !== undefined);
      const at = nextAt();
      if (at === undefined) continue;
      const left = at - Date.now();
      const wait = waitFor(left);
      if (wait > 0 && (await condition(() => nextAt() !== at, wait))) continue;
      remind();
    }
  }

  function nextAt(): number | undefined {
    const known = rule();
    return known && nextReminderAt(letters(), known);
  }

  function remind(): void {
    const known = rule();
    const due = known === undefined ? [] : lettersDue(letters(), known, Date.now());
    const [first] = due;
    if (first === undefined) return;
    const reminder = Math.max(...due.map(({ reminders = 0 }) => reminders)) + 1;
    note(due.map(({ id }) => id));
    announce({
      id: `${workflowInfo().firstExecutionRunId}/reminder/${first.id}.${(first.reminders ?? 0) + 1}`,
      event: 'needsYou',
      convoy: undefined,
      about: due.slice(0, mostReasons).map(({ about, failure }) => ({ about, failure })),
      dueAt: Date.now(),
      reminder,
    });
  }
};
