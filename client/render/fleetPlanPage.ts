import type { HostDecision } from '../../workflows/domain/fleet/fleet.ts';
import type { FleetHostStatus, FleetStatus } from '../../workflows/domain/fleet/status.ts';
import { sameSet } from '../../workflows/domain/sameSet.ts';
import { plain } from '../../workflows/domain/text.ts';
import { duration } from './amounts.ts';
import { gainText, orderText } from './fleetOrder.ts';
import { swapLines } from './fleetSwaps.ts';
import type { Terminal } from './terminal.ts';

/** `gt fleet plan` */
export const fleetPlanPage = (
  { plan, hosts, swaps }: Pick<FleetStatus, 'plan' | 'hosts' | 'swaps'>,
  terminal: Terminal,
  now: number,
): readonly string[] => {
  if (plan === undefined || plan.hosts.length === 0)
    return [
      'The fleet has planned nothing: no host has models to choose from, or none has reported yet.',
      'See what the hosts do with: gt fleet status',
    ];
  const end =
    plan.endsAt === undefined
      ? 'no work is known'
      : `all known work should end in ${duration(Math.max(0, plan.endsAt - now))}`;
  const statuses = new Map(hosts.map((one) => [one.report.host, one]));
  return [
    terminal.paint('dim', `planned ${duration(Math.max(0, now - plan.at))} ago; ${end}`),
    ...plan.hosts.flatMap((one) => decisionLines(one, statuses.get(one.host), now)),
    ...swapLines(swaps, terminal, now),
  ];
};

/** The decision that the host follows, which may be older than the plan, and what the plan says of it now. */
const decisionLines = (
  latest: HostDecision,
  status: FleetHostStatus | undefined,
  now: number,
): readonly string[] => {
  const { host, want, reason } = latest;
  const { told, order } = status ?? {};
  const rule = told === undefined ? ' (goes by its own rule)' : '';
  if (order === undefined || !sameSet(order.want, want))
    return [
      `${host}: ${held(want)}${rule}`,
      ...(reason === '' ? [] : [`  why: ${plain(reason)}`]),
      ...(latest.gainMs > 0 ? [`  ${gainText(latest.gainMs)}`] : []),
      ...alternativeLines(latest),
    ];
  return [
    `${host}: ${held(want)}${rule}`,
    `  why: ${plain(orderText({ ...order, gainMs: 0 }, now))}`,
    ...(order.gainMs > 0 ? [`  ${gainText(order.gainMs)}`] : []),
    ...alternativeLines(order),
    ...(reason === '' || reason === order.reason ? [] : [`  now: ${plain(reason)}`]),
  ];
};

/** What it holds anyway is no alternative. */
const alternativeLines = ({
  want,
  alternatives,
}: Pick<HostDecision, 'want' | 'alternatives'>): readonly string[] =>
  alternatives
    .filter((other) => !sameSet(other.want, want))
    .map((other) => `  instead ${held(other.want)}: ${laterText(other.laterMs)}`);

const held = (models: readonly string[]): string => models.join(' and ') || 'nothing';

const laterText = (ms: number): string => {
  if (ms >= 1_000) return `${duration(ms)} later`;
  // A guess may be off by so much: it is taken only when it gains more.
  return ms <= -100 ? `${duration(-ms)} sooner, which is less than a swap must gain` : 'no better';
};
