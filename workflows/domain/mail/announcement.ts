/** What is told to a person outside the town: by a command or webhook of theirs, when a convoy ends or needs them. */
import type { Failure } from '../failure.ts';

/** `drained`: a convoy has come to the time that it was launched until, and all its beads are parked. */
export type Occasion = 'ended' | 'needsYou' | 'drained';

/** What `notify.on` may name; a drained convoy is both. */
export type WantedOccasion = 'ended' | 'needsYou';

export interface Announcement {
  /** Names the event: told twice, it is sent once (G5). */
  readonly id: string;
  readonly event: Occasion;
  /** Undefined for what concerns all, such as a merge queue that has stopped. */
  readonly convoy: string | undefined;
  /** What needs a person: a bead, a queue, with the reason. */
  readonly about: readonly { readonly about: string; readonly failure: Failure }[];
  /** The person has been told before, and this is the so-manieth reminder. */
  readonly reminder?: number;
  /** When it is to be sent, epoch ms: others of the same kind may join until then. */
  readonly dueAt: number;
}

/** Most reasons of one announcement; the report, or the inbox, has them all. */
export const mostReasons = 20;

export const isWanted = (event: Occasion, on: readonly WantedOccasion[]): boolean =>
  event === 'drained' ? on.length > 0 : on.includes(event);

/**
 * The announcements that wait to be sent, with one more. What needs a person joins the one of its convoy that waits
 * already: a host that dies blocks many beads, and is one piece of news. The report of an end tells all that led to it.
 */
export const withAnnouncement = (
  waiting: readonly Announcement[],
  one: Announcement,
): readonly Announcement[] => {
  if (waiting.some(({ id }) => id === one.id)) return waiting;
  const isOfIt = ({ event, convoy }: Announcement): boolean =>
    event === 'needsYou' && convoy !== undefined && convoy === one.convoy;
  const before = waiting.find(isOfIt);
  if (before === undefined) return [...waiting, one];
  const others = waiting.filter((each) => each !== before);
  if (one.event !== 'needsYou') return [...others, one];
  return [...others, { ...before, about: [...before.about, ...one.about].slice(0, mostReasons) }];
};

/** The next to be sent. */
export const firstDue = (waiting: readonly Announcement[]): Announcement | undefined =>
  waiting.toSorted((a, b) => a.dueAt - b.dueAt).at(0);
