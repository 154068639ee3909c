import type { Stage } from './fleet.ts';

/** What a stage still takes when nothing holds it up: its calls, and the pauses between them. */
export const stageMs = ({ calls, callMs, gapMs }: Pick<Stage, 'calls' | 'callMs' | 'gapMs'>): number =>
  calls * callMs + (calls - 1) * gapMs;

/**
 * The upward rank of each stage: the longest way through what is left of it and of all that needs it, ms. Calls of higher rank go
 * first: they hold up the most. A circle of needs ends where it closes.
 */
export const upwardRanks = (stages: readonly Stage[]): ReadonlyMap<string, number> => {
  const needing = new Map<string, Stage[]>();
  for (const stage of stages) {
    for (const need of stage.needs) {
      const after = needing.get(need);
      if (after === undefined) needing.set(need, [stage]);
      else after.push(stage);
    }
  }
  const ranks = new Map<string, number>();
  const visit = (first: Stage): void => {
    // No recursion: chains may have thousands of stages.
    const path: { readonly stage: Stage; next: number }[] = [{ stage: first, next: 0 }];
    const entered = new Set([first.id]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const after = needing.get(top.stage.id) ?? [];
      const child = after[top.next++];
      if (child === undefined) {
        const longest = after.reduce((most, { id }) => Math.max(most, ranks.get(id) ?? 0), 0);
        ranks.set(top.stage.id, stageMs(top.stage) + longest);
        path.pop();
      } else if (!ranks.has(child.id) && !entered.has(child.id)) {
        entered.add(child.id);
        path.push({ stage: child, next: 0 });
      }
    }
  };
  for (const stage of stages) if (!ranks.has(stage.id)) visit(stage);
  return ranks;
};
