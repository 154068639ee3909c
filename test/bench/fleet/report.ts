/** What the bench says: one line a policy, and the same as JSON. */
import type { Outcome } from './virtualFleet.ts';

export interface Run {
  readonly outcomes: readonly Outcome[];
  readonly boundMs: number;
  readonly optimumMs: number | undefined;
}

export interface Report {
  readonly policies: readonly {
    readonly policy: string;
    readonly makespanMinutes: number;
    readonly swaps: number;
    readonly ratioToLowerBound: number;
  }[];
  readonly lowerBoundMinutes: number;
  readonly optimumMinutes: number | null;
}

const minuteMs = 60_000;

/** The middle one, the upper of two. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** One run as it is, several by their medians. */
export const reportOf = (runs: readonly Run[]): Report => {
  const names = runs[0]?.outcomes.map(({ policy }) => policy) ?? [];
  const [first] = runs;
  const optimum = runs.length === 1 ? first?.optimumMs : undefined;
  return {
    policies: names.map((policy, at) => {
      const of = (value: (run: Run, outcome: Outcome) => number): number =>
        median(runs.map((run) => value(run, run.outcomes[at] as Outcome)));
      return {
        policy,
        makespanMinutes: rounded(of((_, { makespanMs }) => makespanMs / minuteMs)),
        swaps: of((_, { swaps }) => swaps),
        ratioToLowerBound: rounded(of(({ boundMs }, { makespanMs }) => makespanMs / boundMs)),
      };
    }),
    lowerBoundMinutes: rounded(median(runs.map(({ boundMs }) => boundMs / minuteMs))),
    optimumMinutes: optimum === undefined ? null : rounded(optimum / minuteMs),
  };
};

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

export const reportText = (title: string, { policies, lowerBoundMinutes, optimumMinutes }: Report): string =>
  [
    title,
    ...policies.map(
      ({ policy, makespanMinutes, swaps, ratioToLowerBound }) =>
        `  ${policy.padEnd(20)}${makespanMinutes.toFixed(2).padStart(9)} min${String(swaps).padStart(5)} swaps${ratioToLowerBound.toFixed(3).padStart(8)} of the bound`,
    ),
    `  lower bound ${lowerBoundMinutes.toFixed(2)} min${optimumMinutes === null ? '' : `, optimum ${optimumMinutes.toFixed(2)} min`}`,
  ].join('\n');
