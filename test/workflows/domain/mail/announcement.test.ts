import { describe, expect, test } from 'vitest';
import {
  type Announcement,
  firstDue,
  isWanted,
  withAnnouncement,
} from '../../../../workflows/domain/mail/announcement.ts';

const failure = { type: 'HostDown', what: 'Down.', evidence: '', next: 'Start it.' } as const;
const needs = (bead: string, convoy: string | undefined = 'demo'): Announcement => ({
  id: bead,
  event: 'needsYou',
  convoy,
  about: [{ about: bead, failure }],
  dueAt: 1_000,
});
const ended: Announcement = { id: 'end', event: 'ended', convoy: 'demo', about: [], dueAt: 500 };

test('a person hears of what they asked for; a convoy whose time is over is both an end and a need', () => {
  expect(isWanted('ended', ['needsYou'])).toBe(false);
  expect(isWanted('needsYou', ['needsYou'])).toBe(true);
  expect(isWanted('drained', ['ended'])).toBe(true);
  expect(isWanted('drained', ['needsYou'])).toBe(true);
  expect(isWanted('drained', [])).toBe(false);
});

describe('announcements that wait', () => {
  const gather = (...all: Announcement[]) => all.reduce(withAnnouncement, [] as readonly Announcement[]);

  test('a host that dies blocks many beads of a convoy and is one piece of news, sent when the first was due', () => {
    const waiting = gather(needs('a'), { ...needs('b'), dueAt: 9_000 }, needs('c', 'other'));
    expect(waiting).toHaveLength(2);
    expect(waiting.find(({ convoy }) => convoy === 'demo')).toMatchObject({
      id: 'a',
      about: [{ about: 'a' }, { about: 'b' }],
      dueAt: 1_000,
    });
  });

  test('queues that stop are told one by one', () => {
    const first = { ...needs('q1'), convoy: undefined };
    expect(gather(first, { ...needs('q2'), convoy: undefined })).toHaveLength(2);
  });

  test('G5: the same one told twice is one', () => {
    expect(gather(ended, ended)).toEqual([ended]);
  });

  test('the end of the convoy takes the place of what waits: its report has all', () => {
    expect(gather(needs('a'), ended)).toEqual([ended]);
  });

  test('the first due goes first', () => {
    expect(firstDue(gather(needs('a', 'other'), ended))?.id).toBe('end');
    expect(firstDue([])).toBeUndefined();
  });

  test('five hundred blocked beads stay a message of a bounded size', () => {
    const waiting = gather(...Array.from({ length: 500 }, (_, at) => needs(`b${at}`)));
    expect(waiting[0]?.about).toHaveLength(20);
  });
});
