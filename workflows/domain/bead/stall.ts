/**
 * Whether a polecat goes round in circles, from the marks that its turns leave: hashes and one-line results, never the texts.
 * The rules are those that coding agents were seen to need (OpenHands' stuck detector, Cline's repetition limits), with the
 * thresholds of a loop whose every turn is checked: two equal replies prove more here than four equal actions there.
 */
import { looksInARow } from './look.ts';

/** One turn that brought the bead no further. */
export interface StallMark {
  /** sha256 of the reply; '' when there was none that could be read. */
  readonly reply: string;
  /** What came of it: `malformed`, `unsafe`, `unchanged`, `gates`, `length`, `looked`, `studied`, … */
  readonly kind: string;
  /** In a line: the gates that were red with their first errors, or what was wrong with the reply. */
  readonly result: string;
  /** Tree of the files that were gated; '' when none were. */
  readonly tree: string;
}

export type StallRule =
  | 'sameReply'
  | 'alternation'
  | 'sameFiles'
  | 'sameFailure'
  | 'unchanged'
  | 'sameFault'
  | 'onlyLooks'
  | 'endless';

export interface Stall {
  readonly rule: StallRule;
  /** How often, in turns. */
  readonly times: number;
}

/** As many marks as the longest rule looks at. */
export const mostMarks = 8;

const thresholds = {
  sameReply: 2,
  /** A, B, A, B. */
  alternation: 4,
  sameFiles: 2,
  sameFailure: 3,
  unchanged: 3,
  sameFault: 3,
  onlyLooks: looksInARow,
  endless: 2,
} as const satisfies Record<StallRule, number>;

/** The newest marks, oldest first. What differs from run to run without meaning (times, addresses, counts) is taken out. */
export const withMark = (marks: readonly StallMark[], mark: StallMark): readonly StallMark[] =>
  [...marks, { ...mark, result: steady(mark.result) }].slice(-mostMarks);

/** The strongest rule that the newest marks break; undefined while the turns still differ. */
export const stallOf = (marks: readonly StallMark[]): Stall | undefined => {
  const last = marks.at(-1);
  if (last === undefined) return;
  const found: Readonly<Record<StallRule, number>> = {
    sameReply: last.reply === '' ? 0 : run(marks, (one) => one.reply === last.reply),
    alternation: alternates(marks),
    sameFiles: last.tree === '' ? 0 : marks.filter(({ tree }) => tree === last.tree).length,
    sameFailure: last.tree === '' ? 0 : run(marks, (one) => one.tree !== '' && sameEnd(one, last)),
    unchanged: run(marks, ({ kind }) => kind === 'unchanged'),
    sameFault:
      last.tree !== '' || last.kind === 'looked' || last.kind === 'studied'
        ? 0
        : run(marks, (one) => one.tree === '' && sameEnd(one, last)),
    onlyLooks: run(marks, ({ kind }) => kind === 'looked'),
    endless: run(marks, ({ kind }) => kind === 'length'),
  };
  const rules = Object.keys(thresholds) as StallRule[];
  const broken = rules.find((rule) => found[rule] >= thresholds[rule]);
  return broken === undefined ? undefined : { rule: broken, times: found[broken] };
};

/** What the model is told, so that its next prompt differs from those that led here. */
export const nudgeOf = ({ rule, times }: Stall): string => nudges[rule](times);

/** The same for people, in a few words. */
export const stallText = ({ rule, times }: Stall): string => `${words[rule]}, ${times} times`;

const nudges: Readonly<Record<StallRule, (times: number) => string>> = {
  sameReply: (times) =>
    `You have given exactly this reply ${times} times, and it does not work. Do not give it again: find another cause, and another way.`,
  alternation: () =>
    'You go back and forth between two replies, and neither works. Give neither of them again: what both have in common is wrong.',
  sameFiles: (times) =>
    `Your last reply leaves the files exactly as they were when these checks failed before (${times} times now). Change something else.`,
  sameFailure: (times) =>
    `${times} different attempts ended with the same failure. The cause is somewhere else than where you look: read the failing check and the files that it uses again, line by line.`,
  unchanged: (times) =>
    `${times} replies in a row changed nothing. The task is open: find what is missing, and change that.`,
  sameFault: (times) =>
    `${times} replies in a row had this same fault. Keep exactly to the form that is asked for.`,
  onlyLooks: (times) =>
    `You have only run commands for ${times} turns, and changed nothing. You have seen enough: give now what the task asks for.`,
  endless: () => 'Your replies do not end. Give only what is asked for, the shortest way, and stop.',
};

const words: Readonly<Record<StallRule, string>> = {
  sameReply: 'the same reply',
  alternation: 'two replies in turn',
  sameFiles: 'the same files',
  sameFailure: 'the same failure after different replies',
  unchanged: 'replies that change nothing',
  sameFault: 'the same fault of form',
  onlyLooks: 'commands and no change',
  endless: 'a reply without an end',
};

/** How many of the newest marks hold, in a row. */
const run = (marks: readonly StallMark[], holds: (mark: StallMark) => boolean): number => {
  const broken = marks.findLastIndex((mark) => !holds(mark));
  return marks.length - 1 - broken;
};

const sameEnd = (one: StallMark, other: StallMark): boolean =>
  one.kind === other.kind && one.result !== '' && one.result === other.result;

/** Length of the A, B, A, B at the end; 0 when its two are one. */
const alternates = (marks: readonly StallMark[]): number => {
  const [before, last] = [marks.at(-2)?.reply ?? '', marks.at(-1)?.reply ?? ''];
  if (before === '' || last === '' || before === last) return 0;
  const [even, odd] = [last, before];
  const backwards = marks.map(({ reply }) => reply).toReversed();
  const end = backwards.findIndex((reply, at) => reply !== (at % 2 === 0 ? even : odd));
  return end < 0 ? backwards.length : end;
};

/** Durations, addresses, hashes, temporary folders: they change while the failure stays the same. */
export const steady = (text: string): string =>
  text
    .replaceAll(/\b0x[0-9a-f]+\b|\b[0-9a-f]{7,64}\b/gi, '#')
    .replaceAll(/\d+(?:[.,]\d+)? ?(?:ns|µs|us|ms|s|sec|secs|seconds?)\b|\d\d:\d\d(?::\d\d)?/g, '#')
    .replaceAll(/\/tmp\/\S+/g, '/tmp/#')
    .trim()
    .slice(0, 300);
