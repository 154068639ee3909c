import type { Sight } from './sight.ts';
import { unknownIn } from './sight.ts';

/** Suspects that are linked by failed runs, or by runs under way. */
export interface Component {
  readonly members: readonly number[];
  /** Sets with at least one culprit, smallest first. */
  readonly failed: readonly (readonly number[])[];
  /** The unknown members of runs under way. */
  readonly running: readonly (readonly number[])[];
}

/** Of each run under way what is not known yet, but for lone runs of convicts, whose end is foreseen. */
export const openRuns = ({ runs, byId, convicts }: Sight): readonly (readonly number[])[] =>
  runs
    .filter(({ members }) => members.length > 1 || !convicts.has(members[0] ?? -1))
    .map(({ members }) => unknownIn(byId, members))
    .filter(({ length }) => length > 0);

export const componentsOf = (
  failed: readonly (readonly number[])[],
  running: readonly (readonly number[])[],
): readonly Component[] => {
  const roots = new Map<number, number>();
  for (const set of [...failed, ...running]) for (const id of set) link(roots, set[0] ?? id, id);
  const found = new Map<
    number,
    { members: number[]; failed: (readonly number[])[]; running: (readonly number[])[] }
  >();
  const of = (id: number) => {
    const root = rootOf(roots, id);
    const component = found.get(root) ?? { members: [], failed: [], running: [] };
    found.set(root, component);
    return component;
  };
  for (const id of roots.keys()) of(id).members.push(id);
  for (const set of failed) of(set[0] ?? -1).failed.push(set);
  for (const set of running) of(set[0] ?? -1).running.push(set);
  return [...found.values()];
};

const rootOf = (roots: Map<number, number>, id: number): number => {
  let root = id;
  for (let up = roots.get(root); up !== undefined && up !== root; up = roots.get(root)) root = up;
  // Later look-ups take the short way.
  roots.set(id, root);
  return root;
};

const link = (roots: Map<number, number>, a: number, b: number): void => {
  if (!roots.has(a)) roots.set(a, a);
  if (!roots.has(b)) roots.set(b, b);
  roots.set(rootOf(roots, a), rootOf(roots, b));
};
