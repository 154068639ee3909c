/** What a convoy cost, by role and model. */

import { amount } from '../amounts.ts';
import type { Cost } from '../budget/costs.ts';
import { costOfAll, dearest } from '../budget/costs.ts';
import { moneyText } from '../budget/money.ts';
import { spentMoney, totalTokens, type Usage } from '../host/model.ts';
import type { ConvoyReport } from './convoyReport.ts';
import type { BeadLine } from './report.ts';

/** One model call, as its transcript has it. */
export interface ReportedCall {
  readonly role: Role;
  /** `demo/core/parser`; of a plan, where its calls are in the transcripts. */
  readonly bead: string;
  readonly model: string;
  /** When it ended, epoch ms. */
  readonly at: number;
  readonly ms: number;
  readonly usage: Usage;
  /** Whether it brought a reply. */
  readonly replied: boolean;
}

/** `note`: what a polecat wrote for the one that takes over. `seance`: what was asked about a bead afterwards. */
export const roles = ['mayor', 'polecat', 'note', 'reviewer', 'seance'] as const;
export type Role = (typeof roles)[number];

export interface CostLine extends Cost {
  readonly role: Role;
  readonly model: string;
}

/** The mayor's calls for the plan, and those of everybody who worked on beads. */
export const byWork = (
  calls: readonly ReportedCall[],
): readonly [plans: readonly ReportedCall[], works: readonly ReportedCall[]] => [
  calls.filter(({ role }) => role === 'mayor'),
  calls.filter(({ role }) => role !== 'mayor'),
];

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

/** In millionths. */
export const moneyIn = (calls: readonly ReportedCall[]): number =>
  calls.reduce((sum, { usage }) => sum + spentMoney(usage), 0);

/** `0.42 EUR of 5.00 EUR, and 0.10 EUR by the mayor for the plan`: below the table, where anything has a price. */
export const moneySpentText = ({
  money,
  currency,
}: Pick<ConvoyReport, 'money' | 'currency'>): string | undefined => {
  if (money === undefined) return;
  const said = (amount: number): string => moneyText(amount, currency);
  return [
    `${said(money.spent)}${money.granted === undefined ? '' : ` of ${said(money.granted)}`}`,
    ...(money.planning === 0 ? [] : [`and ${said(money.planning)} by the mayor for the plan`]),
    ...(money.earlier === 0 ? [] : [`and ${said(money.earlier)} in earlier launches`]),
  ].join(', ');
};

/**
 * By role and model. Where transcripts were pruned, what the board knows of each bead stands in for them; what landed in an
 * earlier launch is no cost of this one.
 */
export const costsOf = (calls: readonly ReportedCall[], beads: readonly BeadLine[]): readonly CostLine[] => {
  const groups = Map.groupBy(calls, ({ role, model }) => `${role} ${model}`);
  const lines = [...groups.values()].map(
    (group): CostLine => ({
      role: group[0]?.role ?? 'polecat',
      model: group[0]?.model ?? '',
      ...costOfAll(group),
    }),
  );
  if (lines.some(({ role }) => role !== 'mayor' && role !== 'seance')) return lines.toSorted(dearest);
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
    ...(group.every(({ money }) => money === undefined)
      ? {}
      : { money: group.reduce((sum, { money = 0 }) => sum + money, 0) }),
    ms: 0,
  }));
