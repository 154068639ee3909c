/** What calls cost in tokens, money and time: by bead, by model, by role, by convoy. */
import { addUsage, noUsage, totalTokens } from '../host/model.ts';
import type { ReportedCall } from '../report/reportCosts.ts';

/** Of several calls together. */
export interface Cost {
  readonly calls: number;
  /** Calls that brought no reply; they are charged all the same (G7). */
  readonly failed: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly estimated: boolean;
  /** In millionths of the town's currency; undefined where nothing has a price. */
  readonly money?: number;
  /** Time of all calls together. */
  readonly ms: number;
}

export interface NamedCost extends Cost {
  readonly name: string;
}

/** The same calls, seen from each side: every one of these tables adds up to `total`. */
export interface Costs {
  readonly total: Cost;
  readonly roles: readonly NamedCost[];
  readonly models: readonly NamedCost[];
  readonly beads: readonly NamedCost[];
  readonly convoys: readonly NamedCost[];
}

export const costs = (calls: readonly ReportedCall[]): Costs => ({
  total: costOfAll(calls),
  roles: costsBy(calls, ({ role }) => role),
  models: costsBy(calls, ({ model }) => model),
  beads: costsBy(calls, ({ bead }) => bead),
  convoys: costsBy(calls, ({ bead }) => bead.split('/')[0] ?? ''),
});

export const costOfAll = (calls: readonly ReportedCall[]): Cost => {
  const usage = calls.reduce((sum, call) => addUsage(sum, call.usage), noUsage);
  return {
    calls: calls.length,
    failed: calls.filter(({ replied }) => !replied).length,
    promptTokens: usage.promptTokens,
    completionTokens: usage.completionTokens,
    estimated: usage.estimated,
    ...(usage.money === undefined ? {} : { money: usage.money }),
    ms: calls.reduce((sum, { ms }) => sum + ms, 0),
  };
};

const costsBy = (
  calls: readonly ReportedCall[],
  nameOf: (call: ReportedCall) => string,
): readonly NamedCost[] =>
  [...Map.groupBy(calls, nameOf)].map(([name, group]) => ({ name, ...costOfAll(group) })).toSorted(dearest);

/** By money first, where there is any; what is free is ordered by its tokens. */
export const dearest = (a: Omit<Cost, 'name'>, b: Omit<Cost, 'name'>): number =>
  (b.money ?? 0) - (a.money ?? 0) || tokensIn(b) - tokensIn(a);

const tokensIn = (cost: Pick<Cost, 'promptTokens' | 'completionTokens'>): number =>
  totalTokens({ ...noUsage, ...cost });
