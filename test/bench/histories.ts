import type { Client } from '@temporalio/client';
import { workflowId } from '../../workflows/domain/naming.ts';

interface Run {
  readonly convoy: string;
  readonly beads: number;
}

interface Event {
  readonly eventType: string;
  readonly at: number;
  readonly activity: string | undefined;
}

/** Sizes of the histories of a run, in events. */
export const eventCounts = async (client: Client, { convoy, beads }: Run) => {
  const length = async (id: string): Promise<number> =>
    (await client.workflow.getHandle(id).describe()).historyLength;
  const each = await Promise.all(
    Array.from({ length: beads }, (_, index) =>
      length(workflowId.bead({ convoy, epic: convoy, bead: `b${index}` })),
    ),
  );
  return {
    epic: await length(workflowId.epic(convoy, convoy)),
    refinery: await length(workflowId.refinery('rig', 'main')),
    beadMedian: percentile(each, 50),
  };
};

/**
 * For a chain: from the end of each landing to the start of the first activity of the bead that needed it, and how many
 * tasks the server dispatched between, to any of the workflows that take part.
 */
export const landingGaps = async (client: Client, { convoy, beads }: Run) => {
  const refinery = await eventsOf(client, workflowId.refinery('rig', 'main'));
  const epic = await eventsOf(client, workflowId.epic(convoy, convoy));
  const landings = refinery.filter(
    ({ activity, eventType }) => activity === 'land' && eventType.endsWith('Completed'),
  );
  const gaps: number[] = [];
  const dispatches: number[] = [];
  let before = await eventsOf(client, workflowId.bead({ convoy, epic: convoy, bead: 'b0' }));
  for (let index = 1; index < beads; index++) {
    const bead = await eventsOf(client, workflowId.bead({ convoy, epic: convoy, bead: `b${index}` }));
    const started = bead.find(
      ({ eventType, activity }) => activity !== undefined && eventType.endsWith('Started'),
    );
    const landed = landings[index - 1];
    if (started === undefined || landed === undefined) continue;
    gaps.push(started.at - landed.at);
    const between = [...refinery, ...epic, ...before, ...bead].filter(
      ({ at, eventType }) => eventType.endsWith('TaskStarted') && at > landed.at && at <= started.at,
    );
    dispatches.push(between.length);
    before = bead;
  }
  return {
    landToStartMs: { p50: percentile(gaps, 50), p95: percentile(gaps, 95) },
    dispatches: percentile(dispatches, 50),
  };
};

export const summary = (report: object): string =>
  Object.entries(report)
    .map(
      ([name, value]) =>
        `${name.padEnd(18)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
    )
    .join('\n');

const eventsOf = async (client: Client, id: string): Promise<Event[]> => {
  const { events = [] } = await client.workflow.getHandle(id).fetchHistory();
  const activityOf = new Map<string, string>();
  return (events ?? []).map((event) => {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) activityOf.set(String(event.eventId), scheduled.activityType?.name ?? '');
    const of =
      event.activityTaskStartedEventAttributes?.scheduledEventId ??
      event.activityTaskCompletedEventAttributes?.scheduledEventId;
    return {
      eventType: kindOf(event),
      at: millis(event.eventTime),
      activity: of ? activityOf.get(String(of)) : undefined,
    };
  });
};

/** The name of the one set of attributes says what kind of event it is. */
const kindOf = (event: object): string => {
  const name = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? '';
  return name.replace(/EventAttributes$/, '').replace(/^./, (first) => first.toUpperCase());
};

const millis = (time: { seconds?: unknown; nanos?: number | null } | null | undefined): number =>
  Number(time?.seconds ?? 0) * 1_000 + (time?.nanos ?? 0) / 1e6;

const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0);
};
