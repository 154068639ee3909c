import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { FleetPace } from '../domain/fleet/fleetPace.ts';
import { taskQueue } from '../domain/naming.ts';
import type { ResidencyPort } from '../ports.ts';

/**
 * One activity for each plan in force; it runs until another plan takes its place. Nobody there to take it, or gone meanwhile:
 * the host has lost its lease, and the fleet plans without it until it reports again.
 */
export const residencyActivities = (host: string, { heartbeatMs, startMs }: FleetPace) =>
  proxyActivities<ResidencyPort>({
    taskQueue: taskQueue.residency(host),
    scheduleToStartTimeout: startMs,
    startToCloseTimeout: '7 days',
    heartbeatTimeout: heartbeatMs,
    // The next plan is on its way before this one has heard of its end.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { maximumAttempts: 1 },
  });
