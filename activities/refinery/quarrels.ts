import { type Submission, submissionKey } from '../../workflows/domain/queue/submission.ts';
import type { Beside } from '../../workflows/ports.ts';
import type { Bench } from './bench.ts';
import { noneTouched, type Overlay, type Touched } from './overlay.ts';
import { conflictsAmong, type Pair } from './pairs.ts';

/** Pairs that are looked at in one go; beyond that a conflict shows when a group is composed. */
const mostPairs = 20_000;

/**
 * Who does not merge with the target, and by key of a new one the keys of those before it with which it does not. Changes that are
 * laid over the target and meet in no path need no merge to know it: of 200 branches, a handful of 20,000 pairs is left for git.
 */
export const quarrelsOf = async (
  bench: Bench,
  base: string,
  overlays: ReadonlyMap<string, Overlay>,
  members: readonly Submission[],
  beside: readonly Beside[],
): Promise<{
  readonly misfits: ReadonlySet<Submission>;
  readonly quarrels: ReadonlyMap<string, readonly string[]>;
}> => {
  const areApart = apartBy(overlays);
  const own = members.map((one) => ({ key: submissionKey(one), head: one.head }));
  const asked = own
    .flatMap((one, index) => [...beside, ...own.slice(0, index)].map((other) => ({ one, other })))
    .filter(({ one, other }) => !areApart(one.head, other.head))
    .slice(0, mostPairs);
  const unsure = members.filter(({ head }) => !overlays.has(head));
  const found = await conflictsAmong(bench, [
    ...unsure.map(({ head }): Pair => [base, head]),
    ...asked.map(({ one, other }): Pair => [other.head, one.head]),
  ]);
  const quarrels = new Map<string, string[]>();
  asked.forEach(({ one, other }, index) => {
    if (found[unsure.length + index] !== true) return;
    quarrels.set(one.key, [...(quarrels.get(one.key) ?? []), other.key]);
  });
  return { misfits: new Set(unsure.filter((_, index) => found[index] === true)), quarrels };
};

/** Whether two heads change nothing in common; false where that is not known. */
const apartBy = (overlays: ReadonlyMap<string, Overlay>) => {
  const touched = new Map<string, { readonly paths: readonly string[]; readonly all: Touched }>();
  for (const [head, overlay] of overlays) {
    const paths = overlay.map(({ path }) => path);
    const all = noneTouched();
    all.add(paths);
    touched.set(head, { paths, all });
  }
  return (one: string, other: string): boolean => {
    const [a, b] = [touched.get(one), touched.get(other)];
    return a !== undefined && b !== undefined && !a.all.meets(b.paths);
  };
};
