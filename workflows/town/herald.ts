import { condition } from '@temporalio/workflow';
import { failureFrom } from '../activityFailure.ts';
import {
  type Announcement,
  firstDue,
  isWanted,
  type WantedOccasion,
  withAnnouncement,
} from '../domain/mail/announcement.ts';
import type { Mail } from '../messages.ts';
import { notifyActivities } from '../proxies.ts';
import { waitFor } from '../waitFor.ts';

/** What the herald carries from run to run. */
export interface HeraldBooks {
  readonly waiting: readonly Announcement[];
  /** Ids of the newest, so that one that is told again is not sent again. */
  readonly told: readonly string[];
}

/** Sends announcements, each when it is due, to a person outside the town. */
export interface Herald {
  announce(announcement: Announcement): void;
  /** Sends no more, and resolves when nothing is under way: then the workflow may continue as new. */
  settle(): Promise<void>;
  books(): HeraldBooks;
}

const newestTold = 200;

/** `on`: the occasions that the person wants to hear of; none without a command or webhook. */
export const createHerald = (
  carried: HeraldBooks | undefined,
  on: () => readonly WantedOccasion[],
  post: (letter: Mail) => void,
): Herald => {
  let { waiting, told } = carried ?? { waiting: [], told: [] };
  let sending = 0;
  let closing = false;

  // Cancelled with the workflow, whose own end says so.
  cry().catch(() => undefined);

  return {
    announce(one) {
      if (!isWanted(one.event, on()) || told.includes(one.id)) return;
      told = [...told, one.id].slice(-newestTold);
      waiting = withAnnouncement(waiting, one);
    },

    async settle() {
      closing = true;
      await condition(() => sending === 0);
    },

    books: () => ({ waiting, told }),
  };

  async function cry(): Promise<void> {
    for (;;) {
      await condition(() => waiting.length > 0);
      const next = firstDue(waiting);
      if (closing || next === undefined) return;
      const left = next.dueAt - Date.now();
      const seen = waiting;
      // Whatever joins meanwhile may be due earlier, or take the place of this one.
      const wait = waitFor(left);
      if (wait > 0 && (await condition(() => waiting !== seen || closing, wait))) continue;
      waiting = waiting.filter(({ id }) => id !== next.id);
      // One that is tried for ten minutes must not keep the others.
      void send(next);
    }
  }

  /** A person who cannot be reached finds in the town's mailbox that it was tried. */
  async function send(next: Announcement): Promise<void> {
    const { id, event, convoy, about, reminder } = next;
    sending++;
    try {
      const summary = `tell ${event}${convoy === undefined ? '' : ` of ${convoy}`}`;
      await notifyActivities().notify.executeWithOptions({ summary }, [
        { id, event, convoy, about, ...(reminder === undefined ? {} : { reminder }) },
      ]);
    } catch (error) {
      const about = `telling you of ${convoy ?? 'the town'}`;
      post({ about, failure: failureFrom(error), ...(convoy === undefined ? {} : { convoy }) });
    } finally {
      sending--;
    }
  }
};
