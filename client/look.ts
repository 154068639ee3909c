import type { Client } from '@temporalio/client';
import { isAlive } from '../deploy/town/processes.ts';
import type { PlanStatus } from '../workflows/domain/plan/planning.ts';
import type {
  ConvoyStatus,
  HostStatus,
  RefineryStatus,
  TownStatus,
} from '../workflows/domain/report/report.ts';
import { idsOf, runsOf } from './ask.ts';
import { lookAtConvoy } from './lookAtConvoy.ts';
import { configAt } from './places.ts';
import type { Reached } from './reach.ts';
import type { TownView } from './render/townPage.ts';
import { askOne, askOrSilent, ended, type Silent } from './stuck.ts';
import { takeOversInTown } from './takeOver.ts';

/** With how many answers a reader is better served than with one more second of waiting, ms. */
const patienceMs = 5_000;
/** A convoy that failed is news for a day. */
const newsMs = 24 * 3_600_000;

/** Looks at everything that `gt status` shows. What does not answer is told as that. */
export const lookAtTown = async (town: Reached): Promise<TownView> => {
  const { client, record } = town;
  const [running, failed, plans, refineries, hosts, mail, processes] = await Promise.all([
    lookAtConvoys(client, await idsOf(client, 'convoy', true)),
    lookAtConvoys(client, await failedConvoys(client)),
    lookAtEach(await idsOf(client, 'plan', true), (id) =>
      askOne<PlanStatus>(client, client.workflow.getHandle(id), 'planStatus', patienceMs),
    ),
    everlasting<RefineryStatus>(client, 'refinery', 'refineryStatus'),
    everlasting<HostStatus>(client, 'host', 'hostStatus'),
    everlasting<TownStatus>(client, 'town', 'townStatus'),
    Promise.all(
      record.pids.map(async (one) => ({ role: one.role, pid: one.pid, alive: await isAlive(one) })),
    ),
  ]);
  const takeOvers = await takeOversInTown(client, running.answers, refineries.answers, town);
  const { name, address, namespace, uiUrl, version, startedAt } = record;
  return {
    ...{ name, home: town.home, address, namespace, uiUrl, version, startedAt },
    ...{ processes, takeOvers, town: mail.answers[0] },
    convoys: [...running.answers, ...failed.answers],
    plans: plans.answers,
    refineries: refineries.answers,
    hosts: hosts.answers,
    silent: await ofTheTown(
      town,
      [running, failed, plans, refineries, hosts, mail].flatMap(({ silent }) => silent),
    ),
  };
};

/** Convoys, newest first; those that run, or all that the server remembers. Without those that cannot say how they stand. */
export const convoysOf = async (client: Client, onlyRunning: boolean): Promise<readonly ConvoyStatus[]> =>
  (await lookAtAllConvoys(client, onlyRunning)).answers;

/** The same, and those that cannot say it. */
export const lookAtAllConvoys = async (client: Client, onlyRunning: boolean): Promise<Seen<ConvoyStatus>> =>
  await lookAtConvoys(client, await idsOf(client, 'convoy', onlyRunning));

/** Workflows that live for ever, and among them those that do not: one that has failed or was ended is gone for good. */
export const everlasting = async <T>(client: Client, type: string, query: string): Promise<Seen<T>> => {
  const over = ['Failed', 'Terminated', 'TimedOut', 'Canceled', 'Completed'];
  const states = ['Running', ...over].map((state) => `ExecutionStatus = "${state}"`).join(' OR ');
  const runs = await runsOf(client, type, states);
  const seen = await lookAtEach(
    runs.filter(({ status }) => status === 'RUNNING').map(({ id }) => id),
    (id) => askOne<T>(client, client.workflow.getHandle(id), query, patienceMs),
  );
  const gone = runs.filter(({ status }) => status !== 'RUNNING').map(({ id, status }) => ended(id, status));
  return { ...seen, silent: [...seen.silent, ...gone] };
};

export interface Seen<T> {
  readonly answers: readonly T[];
  readonly silent: readonly Silent[];
}

const ofTheTown = async (town: Reached, silent: readonly Silent[]): Promise<readonly Silent[]> => {
  if (silent.length === 0) return silent;
  const config = await configAt(town);
  return silent.filter(({ workflow }) => isConfigured(config, workflow));
};

/** What served a host or rig that has been removed since may well be gone. */
const isConfigured = (config: Reached['config'], workflow: string): boolean => {
  const [role, name] = workflow.split('/');
  if (config === undefined) return true;
  if (role === 'host') return config.hosts.some((one) => one.name === name);
  return role !== 'refinery' || config.rigs.some((one) => one.name === name);
};

/** By their newest run: one that was launched again is no news. */
const failedConvoys = async (client: Client): Promise<readonly string[]> => {
  const since = new Date(Date.now() - newsMs).toISOString();
  const runs = await runsOf(client, 'convoy', `ExecutionStatus = "Running" OR CloseTime > "${since}"`);
  return runs.filter(({ status }) => ['FAILED', 'TIMED_OUT'].includes(status)).map(({ id }) => id);
};

const lookAtConvoys = (client: Client, ids: readonly string[]): Promise<Seen<ConvoyStatus>> =>
  lookAtEach(ids, (id) => lookAtConvoy(client, id.replace(/^convoy\//, ''), 'epics'));

const lookAtEach = async <T>(ids: readonly string[], ask: (id: string) => Promise<T>): Promise<Seen<T>> => {
  const found = await Promise.all(ids.map((id) => askOrSilent(id, () => ask(id))));
  return {
    answers: found.flatMap((one) => ('answer' in one ? [one.answer] : [])),
    silent: found.flatMap((one) => ('silent' in one ? [one.silent] : [])),
  };
};
