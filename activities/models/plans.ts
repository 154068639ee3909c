import type { FollowPlan } from '../../workflows/ports.ts';

/** The plan of the fleet that a host follows: the newest of those whose activities run. */
export interface Plans {
  readonly current: () => PlanInForce | undefined;
  /** The newest whose activity still runs. */
  readonly newest: () => PlanInForce | undefined;
  /** In force until the returned function is called, and then until another is, for a moment at most. */
  follow(plan: FollowPlan): () => void;
}

export interface PlanInForce extends FollowPlan {
  /** How long it has been followed here, ms. */
  readonly ageMs: () => number;
}

/** A fleet that continues as new drops its activities and tells the same again: nothing is done in between. */
const graceMs = 3_000;

/** `onChange`: another plan is in force, or none any more. */
export const createPlans = (onChange: () => void): Plans => {
  const running = new Set<PlanInForce>();
  let last: { readonly plan: PlanInForce; readonly until: number } | undefined;
  const newest = (): PlanInForce | undefined =>
    [...running].reduce<PlanInForce | undefined>(
      (found, one) => (found === undefined || one.madeAt >= found.madeAt ? one : found),
      undefined,
    );
  return {
    newest,
    current: () => newest() ?? (last !== undefined && performance.now() < last.until ? last.plan : undefined),
    follow(plan) {
      const since = performance.now();
      const one = { ...plan, ageMs: () => performance.now() - since };
      running.add(one);
      last = undefined;
      onChange();
      return () => {
        if (newest() === one) last = { plan: one, until: performance.now() + graceMs };
        running.delete(one);
        setTimeout(onChange, graceMs + 10).unref();
        onChange();
      };
    },
  };
};
