import { createHash } from 'node:crypto';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { parseBeadKey, workflowId } from '../../workflows/domain/naming.ts';
import type { Owner } from '../../workflows/domain/patrol/patrol.ts';
import type { BeadPulse, EpicPulse, HostPulse, PendingStep } from '../../workflows/domain/patrol/pulse.ts';
import type { EpicStatus } from '../../workflows/domain/report/report.ts';
import { epicStatus, hostStatus } from '../../workflows/messages.ts';
import type { SurveyWork, WorkFacts } from '../../workflows/ports.ts';
import { isGone } from '../town/gone.ts';
import { lastPatrol } from './lastPatrol.ts';
import { createOwners } from './owners.ts';

/** Asks the server who is open and what was heard of them, at no cost to their histories. */
export const createSurveyWork =
  (client: Client) =>
  async ({ rig, beads, hosts }: SurveyWork): Promise<WorkFacts> => {
    const ownerOf = createOwners(client);
    const owners: Record<string, Owner> = {};
    for (const key of beads) {
      const bead = parseBeadKey(key);
      if (bead !== undefined) owners[key] = await ownerOf(bead);
    }
    const epics = await epicsOf(client);
    const own = epics.filter(({ status }) => status?.rig === rig);
    const working = own.flatMap(({ key, status }) =>
      (status?.beads ?? []).filter(({ state }) => state === 'working').map(({ bead }) => `${key}/${bead}`),
    );
    return {
      owners,
      before: await lastPatrol(client, rig),
      pulses: {
        beads: (await each(working, (bead) => beadPulse(client, bead))).filter((one) => one !== undefined),
        hosts: await each(hosts, (host) => hostPulse(client, host)),
        epics: own.flatMap(({ key, status }) => (status === undefined ? [] : [epicPulse(key, status)])),
        // One patrol tells of them: without their epic nobody knows their rig.
        adrift: hosts.length === 0 ? [] : await adrift(client, new Set(epics.map(({ key }) => key))),
      },
    };
  };

/** In turn: a patrol is in no hurry, and the server has work to do. */
const each = async <T, R>(of: readonly T[], ask: (one: T) => Promise<R>): Promise<R[]> => {
  const answers: R[] = [];
  for (const one of of) answers.push(await ask(one));
  return answers;
};

const patienceMs = 10_000;

const asked = <T>(client: Client, ask: () => Promise<T>): Promise<T | undefined> =>
  client.connection.withDeadline(Date.now() + patienceMs, ask).catch(() => undefined);

interface OpenEpic {
  /** CONVOY/EPIC. */
  readonly key: string;
  /** Undefined when it did not answer. */
  readonly status: EpicStatus | undefined;
}

const epicsOf = async (client: Client): Promise<readonly OpenEpic[]> => {
  const ids = await openIds(client, 'epic');
  return each(
    ids.map(({ id }) => id),
    async (id) => ({
      key: id.replace(/^epic\//, ''),
      status: await asked(client, () => client.workflow.getHandle(id).query(epicStatus)),
    }),
  );
};

const openIds = async (
  client: Client,
  type: string,
): Promise<readonly { readonly id: string; readonly startedAt: number }[]> => {
  const found: { id: string; startedAt: number }[] = [];
  const query = `WorkflowType = "${type}" AND ExecutionStatus = "Running"`;
  for await (const one of client.workflow.list({ query }))
    found.push({ id: one.workflowId, startedAt: one.startTime.getTime() });
  return found;
};

const adrift = async (client: Client, epics: ReadonlySet<string>) => {
  const beads = await openIds(client, 'bead');
  const lost = beads.filter(({ id }) => !epics.has(epicOf(id)));
  // The list of what is open is a little late: only the server's own word on the epic counts.
  const alone = await each(lost, async ({ id, startedAt }) => ({
    bead: id.replace(/^bead\//, ''),
    ageMs: Math.max(0, Date.now() - startedAt),
    isAlone: (await isOpen(client, id)) && !(await isOpen(client, `epic/${epicOf(id)}`)),
  }));
  return alone.filter(({ isAlone }) => isAlone).map(({ bead, ageMs }) => ({ bead, ageMs }));
};

const epicOf = (beadId: string): string => beadId.split('/').slice(1, 3).join('/');

const isOpen = async (client: Client, id: string): Promise<boolean> => {
  const found = await describe(client, id);
  return found?.status.name === 'RUNNING';
};

const describe = async (client: Client, id: string): Promise<WorkflowExecutionDescription | undefined> => {
  try {
    return await client.workflow.getHandle(id).describe();
  } catch (error) {
    if (isGone(error)) return;
    throw error;
  }
};

const beadPulse = async (client: Client, bead: string): Promise<BeadPulse | undefined> => {
  const found = await describe(client, `bead/${bead}`);
  if (found?.status.name !== 'RUNNING') return;
  return {
    bead,
    pending: pendingOf(found),
    failedTasks: Math.max(0, (found.raw.pendingWorkflowTask?.attempt ?? 1) - 1),
  };
};

/** The step that a worker has and that has been quiet longest; with none, the one that has waited longest for a worker. */
const pendingOf = ({ raw }: WorkflowExecutionDescription): PendingStep | undefined => {
  const steps = (raw.pendingActivities ?? []).map((one): PendingStep => {
    const times = [one.lastHeartbeatTime, one.lastStartedTime, one.scheduledTime].map(msOf);
    const started = one.state === pendingStarted;
    const heard = started
      ? Math.max(...times)
      : Math.max(msOf(one.scheduledTime), msOf(one.lastAttemptCompleteTime));
    return {
      activity: one.activityType?.name ?? '',
      started,
      quietMs: heard === 0 ? 0 : Math.max(0, Date.now() - heard),
      attempt: one.attempt ?? 1,
    };
  });
  const held = steps.filter(({ started }) => started);
  return (held.length > 0 ? held : steps).toSorted((a, b) => b.quietMs - a.quietMs)[0];
};

/** `PENDING_ACTIVITY_STATE_STARTED`. */
const pendingStarted = 2;

const msOf = (
  time: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): number =>
  time === null || time === undefined ? 0 : Number(time.seconds ?? 0) * 1_000 + (time.nanos ?? 0) / 1e6;

const hostPulse = async (client: Client, host: string): Promise<HostPulse> => {
  const id = workflowId.host(host);
  const found = await describe(client, id);
  if (found?.status.name !== 'RUNNING') return { host, quietMs: undefined, started: false, down: undefined };
  const lease = pendingOf(found);
  const status = await asked(client, () => client.workflow.getHandle(id).query(hostStatus));
  const isDown =
    status !== undefined &&
    status.attempt > 0 &&
    status.quietUntil === undefined &&
    status.open.length === 0 &&
    (status.loading ?? []).length === 0;
  return {
    host,
    // Between two leases there is none for a moment.
    quietMs: lease?.quietMs ?? 0,
    started: lease?.started ?? false,
    down: isDown ? status.closed[0]?.failure : undefined,
  };
};

const epicPulse = (epic: string, { beads, paused }: EpicStatus): EpicPulse => {
  const states = beads.map(({ bead, state, turns }) => `${bead} ${state} ${turns}`).join('\n');
  const has = (...wanted: readonly string[]): boolean => beads.some(({ state }) => wanted.includes(state));
  return {
    epic,
    board: createHash('sha256').update(states).digest('hex').slice(0, 12),
    idle: paused === undefined && has('pending') && !has('working', 'parked'),
  };
};
