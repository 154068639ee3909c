import type { Client } from '@temporalio/client';
import { isSettled } from '../../workflows/domain/bead/bead.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { type ConvoyReport, convoyReport } from '../../workflows/domain/report/convoyReport.ts';
import type {
  ConvoyStatus,
  EpicStatus,
  HostStatus,
  RefineryStatus,
} from '../../workflows/domain/report/report.ts';
import type { TownConfig } from '../config/townConfig.ts';
import { callsOf } from './transcripts.ts';

/** Where a report is read from. */
export interface ReportPlaces {
  readonly client: Client;
  readonly home: string;
  /** Names of the hosts whose refusals concern the person. */
  readonly hosts: readonly string[];
  readonly timeZone: string;
}

const patienceMs = 10_000;

/** gRPC's deadline exceeded. */
const isOverdue = (error: unknown): boolean =>
  error instanceof Error && (error.cause as { code?: unknown } | undefined)?.code === 4;

/**
 * The report of a convoy, open or ended, put together from what the town's workflows know and what transcripts remember.
 * Throws what Temporal's client throws when the convoy itself does not answer; any other gap is left out.
 */
export const readReport = async (from: ReportPlaces, convoy: string): Promise<ConvoyReport> => {
  const { client, home, timeZone } = from;
  const once = async <T>(id: string, query: string): Promise<T> =>
    await client.connection.withDeadline(Date.now() + patienceMs, () =>
      client.workflow.getHandle(id).query<T>(query),
    );
  // A worker that has just ended still has the workflow as far as the server knows: the next question goes to another.
  const ask = <T>(id: string, query: string): Promise<T> =>
    once<T>(id, query).catch((error: unknown) => {
      if (!isOverdue(error)) throw error;
      return once<T>(id, query);
    });
  const maybe = <T>(id: string, query: string): Promise<T | undefined> =>
    ask<T>(id, query).catch(() => undefined);

  const id = workflowId.convoy(convoy);
  const [described, known, calls, hosts] = await Promise.all([
    client.workflow.getHandle(id).describe(),
    ask<ConvoyStatus>(id, 'convoyStatus'),
    callsOf(home, convoy),
    Promise.all(from.hosts.map((host) => maybe<HostStatus>(workflowId.host(host), 'hostStatus'))),
  ]);
  const epics = await Promise.all(
    known.epics.map(async (epic) =>
      isOver(epic)
        ? epic
        : ((await maybe<EpicStatus>(workflowId.epic(convoy, epic.epic), 'epicStatus')) ?? epic),
    ),
  );
  const refineries = await Promise.all(
    known.rigs.map(({ rig, target }) =>
      maybe<RefineryStatus>(workflowId.refinery(rig, target), 'refineryStatus'),
    ),
  );
  return convoyReport({
    status: { ...known, epics },
    startedAt: described.startTime.getTime(),
    endedAt: described.closeTime?.getTime(),
    now: Date.now(),
    calls,
    refineries: refineries.filter((one) => one !== undefined),
    hosts: hosts.filter((one) => one !== undefined),
    timeZone,
  });
};

const isOver = ({ beads }: EpicStatus): boolean =>
  beads.length > 0 && beads.every(({ state }) => state !== 'working' && isSettled(state));

/** What a configuration says of where reports are read from. */
export const reportPlaces = ({ home, hosts, timeZone }: TownConfig): Omit<ReportPlaces, 'client'> => ({
  home,
  hosts: hosts.map(({ name }) => name),
  timeZone,
});
