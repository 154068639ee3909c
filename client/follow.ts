import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { workflowId } from '../workflows/domain/naming.ts';
import type {
  BeadLine,
  ConvoyStatus,
  HostStatus,
  RefineryStatus,
} from '../workflows/domain/report/report.ts';
import { askMaybe, idsOf, within } from './ask.ts';
import { type Closeness, lookAtConvoy } from './lookAtConvoy.ts';
import { queuesOf } from './queues.ts';

/** A convoy, and what around it says why it moves or does not. */
export interface Sight {
  readonly convoy: ConvoyStatus;
  /** Epoch ms; undefined until the server has said so. */
  readonly startedAt: number | undefined;
  /** A bead that waits for a host has nothing to say of it; none once the convoy has ended. */
  readonly hosts: readonly HostStatus[];
  /** Of the convoy's rigs. */
  readonly refineries: readonly RefineryStatus[];
  /** What has landed since the first look, the newest first. */
  readonly landed: readonly LandedNow[];
}

export interface LandedNow {
  readonly epic: string;
  readonly bead: BeadLine;
}

/** Looks this often. A query costs no history, but a worker's time: asking every bead takes more of it. */
const everyMs = { epics: 400, beads: 1_000 } as const;
/**
 * A look may cost a fiftieth of the time until the next, up to looks of 0.3 s: a board that is left open all night must cost next
 * to nothing, and still tell the end soon.
 */
const restForWork = 50;
const longestRestMs = 15_000;
/** The first looks load and compile, and say nothing of the later ones. */
const warmUps = 3;
/** Workers that are being started again answer late; a town that is gone does not answer at all. */
const patienceMs = 60_000;
const hostsEveryMs = 5_000;

/**
 * The states of a convoy, each time that something changed, up to its end. Outlasts workers and servers that are
 * started again. Ends early, without an error, when the signal is aborted.
 */
export async function* followConvoy(
  client: Client,
  convoy: string,
  closeness: Closeness,
  signal?: AbortSignal,
): AsyncGenerator<Sight> {
  const handle = client.workflow.getHandle(workflowId.convoy(convoy));
  const hostsNow = askedSeldom(client);
  const landedNow = landedSince();
  let last = '';
  for (let silentSince: number | undefined, look = 0; !signal?.aborted; look++) {
    const before = process.cpuUsage();
    const described = await within(client, () => handle.describe()).catch((error: unknown) =>
      outlast(error, (silentSince ??= Date.now())),
    );
    const status = await lookAtConvoy(client, convoy, closeness).catch((error: unknown) =>
      outlast(error, (silentSince ??= Date.now())),
    );
    if (status !== undefined && described !== undefined) {
      silentSince = undefined;
      const closed = described.status.name !== 'RUNNING';
      const sight: Sight = {
        convoy: status,
        startedAt: described.startTime.getTime(),
        hosts: closed ? [] : await hostsNow(),
        refineries: closed ? [] : await queuesOf(client, status),
        landed: landedNow(status),
      };
      const text = JSON.stringify(sight);
      if (text !== last) yield sight;
      last = text;
      // Asked before the state: what closed in between has its last state shown by one more look.
      if (closed) return;
    }
    const { user, system } = process.cpuUsage(before);
    const rest = look < warmUps ? 0 : Math.min(longestRestMs, ((user + system) / 1_000) * restForWork);
    const options = signal === undefined ? {} : { signal };
    await sleep(Math.max(everyMs[closeness], rest), undefined, options).catch(() => {});
  }
}

const outlast = (error: unknown, since: number): undefined => {
  if ((error as Error).name === 'WorkflowNotFoundError' || Date.now() - since > patienceMs) throw error;
};

/** Hosts change seldom, and asking is a list and a query for each. */
const askedSeldom = (client: Client): (() => Promise<readonly HostStatus[]>) => {
  let found: readonly HostStatus[] = [];
  let next = 0;
  return async () => {
    if (Date.now() < next) return found;
    const ids = await within(client, () => idsOf(client, 'host', true)).catch(() => []);
    const asked = ids.map((id) => askMaybe<HostStatus>(client, client.workflow.getHandle(id), 'hostStatus'));
    found = (await Promise.all(asked)).filter((host) => host !== undefined);
    next = Date.now() + hostsEveryMs;
    return found;
  };
};

const mostLanded = 10;

/** A board does not say when a bead landed; whoever looks again sees it. */
const landedSince = (): ((status: ConvoyStatus) => readonly LandedNow[]) => {
  let seen: ReadonlySet<string> | undefined;
  let news: readonly LandedNow[] = [];
  return ({ epics }) => {
    const all = epics.flatMap(({ epic, beads }) =>
      beads.filter(({ state }) => state === 'landed').map((bead) => ({ epic, bead })),
    );
    const fresh = seen === undefined ? [] : all.filter((one) => !seen?.has(keyOf(one)));
    news = [...fresh.toReversed(), ...news].slice(0, mostLanded);
    // Before it has opened its rigs, a convoy does not know what landed earlier.
    if (epics.some(({ beads }) => beads.length > 0)) seen = new Set(all.map(keyOf));
    return news;
  };
};

const keyOf = ({ epic, bead }: LandedNow): string => `${epic}/${bead.bead}`;
