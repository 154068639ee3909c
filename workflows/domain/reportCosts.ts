/** What a convoy cost, by role and model. */
import { amount } from './amounts.ts';
import { addUsage, noUsage, totalTokens, type Usage } from './model.ts';
import type { BeadLine } from './report.ts';

/** One model call, as its transcript has it. */
export interface ReportedCall {
  readonly role: Role;
  readonly model: string;
  /** When it ended, epoch ms. */
  readonly at: number;
  readonly ms: number;
  readonly usage: Usage;
  /** Whether it brought a reply. */
  readonly replied: boolean;
}

export type Role = 'mayor' | 'polecat';

export interface CostLine {
  readonly role: Role;
  readonly model: string;
  readonly calls: number;
  /** Calls that brought no reply; they are charged all the same (G7). */
  readonly failed: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly estimated: boolean;
  /** Time of all calls together. */
  readonly ms: number;
}

export const byRole = (calls: readonly ReportedCall[], role: Role): readonly ReportedCall[] =>
  calls.filter((call) => call.role === role);

/** What stands below the table of costs: `12.0k tokens of 5.0M, 3.1k by the mayor for the plan, 800 in earlier launches`. */
export const tokensText = ({
  spent,
  granted,
  planning,
  earlier,
}: {
  readonly spent: number;
  readonly granted: number | undefined;
  readonly planning: number;
  readonly earlier: number;
}): string =>
  [
    `${amount(spent)} tokens${granted === undefined ? '' : ` of ${amount(granted)}`}`,
    ...(planning === 0 ? [] : [`and ${amount(planning)} by the mayor for the plan`]),
    ...(earlier === 0 ? [] : [`and ${amount(earlier)} in earlier launches`]),
  ].join(', ');

/** Prompts and replies together. */
export const tokensOf = (calls: readonly ReportedCall[]): number =>
  calls.reduce((sum, { usage }) => sum + totalTokens(usage), 0);

/**
 * By role and model. Where transcripts were pruned, what the board knows of each bead stands in for them; what landed in an
 * earlier launch is no cost of this one.
 */
export const costsOf = (calls: readonly ReportedCall[], beads: readonly BeadLine[]): readonly CostLine[] => {
  const groups = Map.groupBy(calls, ({ role, model }) => `${role} ${model}`);
  const lines = [...groups.values()].map((group): CostLine => {
    const usage = group.reduce((sum, call) => addUsage(sum, call.usage), noUsage);
    return {
      role: group[0]?.role ?? 'polecat',
      model: group[0]?.model ?? '',
      calls: group.length,
      failed: group.filter(({ replied }) => !replied).length,
      promptTokens: usage.promptTokens,
      completionTokens: usage.completionTokens,
      estimated: usage.estimated,
      ms: group.reduce((sum, { ms }) => sum + ms, 0),
    };
  });
  if (lines.some(({ role }) => role === 'polecat')) return lines.toSorted(dearest);
  return [...lines, ...fromBoard(beads)].toSorted(dearest);
};

const fromBoard = (beads: readonly BeadLine[]): readonly CostLine[] =>
  [
    ...Map.groupBy(
      beads.filter(({ tokens, earlier }) => tokens > 0 && earlier !== true),
      ({ model }) => model,
    ),
  ].map(([model, group]) => ({
    role: 'polecat',
    model,
    calls: group.reduce((sum, { turns }) => sum + turns, 0),
    failed: 0,
    promptTokens: group.reduce((sum, { tokens }) => sum + tokens, 0),
    completionTokens: 0,
    estimated: true,
    ms: 0,
  }));

const dearest = (a: CostLine, b: CostLine): number =>
  b.promptTokens + b.completionTokens - (a.promptTokens + a.completionTokens);
