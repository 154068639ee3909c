import type { Choice, Lab, LabRun } from '../laboratory.ts';

/** Branches that failed alone twice. */
const failedTwice = (lab: Lab): readonly number[] =>
  lab.queue.filter((id) => (lab.loneFailures[id] ?? 0) >= 2);

/** Of what passed the run that brings most. */
const largest = (lab: Lab): LabRun | undefined =>
  lab.passed.reduce<LabRun | undefined>(
    (best, run) => (best === undefined || run.left > best.left ? run : best),
    undefined,
  );

/** What every rival does first: send back what failed alone twice, land what passed. */
export const settled = (lab: Lab): Choice | undefined => {
  const reject = failedTwice(lab);
  if (reject.length > 0) return { reject };
  const land = largest(lab);
  return land && { land };
};

/** A failed group goes on as its halves, a branch alone as itself. */
export const halves = (members: readonly number[]): readonly (readonly number[])[] =>
  members.length === 1
    ? [members]
    : [members.slice(0, members.length >> 1), members.slice(members.length >> 1)];
