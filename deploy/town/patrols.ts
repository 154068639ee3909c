import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { home, taskQueue, workflowId } from '../../workflows/domain/naming.ts';
import { defaultPace } from '../../workflows/domain/pace.ts';
import type { WitnessInput } from '../../workflows/domain/patrol/patrolReport.ts';
import { defaultPatrol, type TownConfig } from '../config/townConfig.ts';

/**
 * Ensures one Schedule for each rig, which starts its patrols, and removes those of rigs that left the configuration. A
 * Schedule that a person paused in the Web UI stays paused.
 */
export const ensurePatrols = async (client: Client, config: TownConfig): Promise<void> => {
  const wanted = new Map(config.rigs.map(({ name }) => [workflowId.witness(name), name]));
  for (const [id, rig] of wanted) await ensure(client, scheduleOf(config, id, rig));
  for await (const { scheduleId } of client.schedule.list()) {
    if (!scheduleId.startsWith(workflowId.witness('')) || wanted.has(scheduleId)) continue;
    await client.schedule.getHandle(scheduleId).delete();
  }
};

const ensure = async (client: Client, options: Schedule): Promise<void> => {
  try {
    await client.schedule.create(options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = options;
    await client.schedule
      .getHandle(options.scheduleId)
      .update(({ state }) => ({ spec, action, policies, state }));
  }
};

type Schedule = ScheduleOptions & Required<Pick<ScheduleOptions, 'policies'>>;

const scheduleOf = (config: TownConfig, scheduleId: string, rig: string): Schedule => {
  const { everyMs, silentAfterMs, leaveAloneMs } = config.patrol ?? defaultPatrol;
  // One patrol is enough to look after the hosts, which all rigs share.
  const hosts = rig === config.rigs[0]?.name ? config.hosts.map(({ name }) => name) : [];
  const input: WitnessInput = { rig, place: home, hosts, silentAfterMs, leaveAloneMs, pace: defaultPace };
  return {
    scheduleId,
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'witness',
      workflowId: scheduleId,
      taskQueue: taskQueue.town,
      args: [input],
    },
    policies: {
      // A patrol that waits for a closed town is enough; what it missed meanwhile is nothing to catch up with.
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: '1m',
    },
    state: { note: `Patrols of the Witness over rig ${rig}` },
  };
};
