import type { HostDecision } from '../../workflows/domain/fleet/fleet.ts';
import type { FleetStatus } from '../../workflows/domain/fleet/status.ts';
import { plain } from '../../workflows/domain/text.ts';
import { duration } from './amounts.ts';
import type { Terminal } from './terminal.ts';

/** `gt fleet plan` */
export const fleetPlanPage = (
  { plan, hosts }: Pick<FleetStatus, 'plan' | 'hosts'>,
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
  const told = new Map(hosts.map((one) => [one.report.host, one.told]));
  return [
    terminal.paint('dim', `planned ${duration(Math.max(0, now - plan.at))} ago; ${end}`),
    ...plan.hosts.flatMap((one) => decisionLines(one, told.get(one.host))),
  ];
};

const decisionLines = (
  { host, want, reason, gainMs, alternatives }: HostDecision,
  told: readonly string[] | undefined,
): readonly string[] => [
  `${host}: ${held(want)}${told === undefined ? ' (goes by its own rule)' : ''}`,
  ...(reason === '' ? [] : [`  why: ${plain(reason)}`]),
  ...(gainMs > 0 ? [`  ends ${duration(gainMs)} sooner than without the swap`] : []),
  ...alternatives.map(({ want: other, laterMs }) => `  instead ${held(other)}: ${laterText(laterMs)}`),
];

const held = (models: readonly string[]): string => models.join(' and ') || 'nothing';

const laterText = (ms: number): string => (ms < 1_000 ? 'no better' : `${duration(ms)} later`);
