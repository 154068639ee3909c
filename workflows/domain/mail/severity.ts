/** How much a letter presses: what waits for a decision, what cost a bead, what stops everything. */
import type { FailureType } from '../failure.ts';

/** The mildest first. */
export const severities = ['info', 'warning', 'critical'] as const;

export type Severity = (typeof severities)[number];

/** What lets nothing at all land, or nobody work, until a person acts. */
const stopsAll: readonly FailureType[] = [
  'BaseRed',
  'HostRefused',
  'NotAModelServer',
  'PushRefused',
  'RigUnusable',
  'SandboxUnavailable',
  'SetupFailed',
  'WrongHome',
];

/** What waits for a decision or a look, and costs nothing meanwhile. */
const waits: readonly FailureType[] = [
  'BudgetNear',
  'HostQuiet',
  'LeftBehind',
  'PlanWaits',
  'ProposalsWait',
  'QueuePaused',
];

/** The severity of a failure; a message of a person has none unless they gave it one. */
export const severityOf = (type: FailureType): Severity | undefined => {
  if (type === 'Message') return;
  if (stopsAll.includes(type)) return 'critical';
  return waits.includes(type) ? 'info' : 'warning';
};

/** One step more. */
export const raisedSeverity = (severity: Severity): Severity =>
  severities[severities.indexOf(severity) + 1] ?? 'critical';

/** Higher presses more. */
export const rankOf = (severity: Severity): number => severities.indexOf(severity);
