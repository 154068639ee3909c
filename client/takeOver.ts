import { isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { gitIn } from '../deploy/town/git.ts';
import { type TakeOver, takeOversOf } from '../workflows/domain/queue/takeOver.ts';
import type { ConvoyStatus, RefineryStatus } from '../workflows/domain/report/report.ts';
import { idsOf, within } from './ask.ts';
import { lookAtConvoy } from './lookAtConvoy.ts';
import { configAt, type Place } from './places.ts';
import { queuesOf } from './queues.ts';

/** With how many convoys that have ended a rig is looked for: each costs a worker a replay of its history. */
const mostEnded = 6;
/** What is in the way of a checkout stays there, and is not worth more of a person's time. */
const mostLooks = 6;

/** What waits for a person in the rigs of one convoy, running or ended. */
export const takeOversIn = async (
  client: Client,
  convoy: ConvoyStatus,
  where: Place | undefined,
): Promise<readonly TakeOver[]> => {
  const refineries = await queuesOf(client, convoy);
  return await stillWaiting(takeOversOf([convoy], refineries), refineries, where);
};

/** The same just after a landing: the Refinery may be bringing the person's checkout along at this moment. */
export const takeOversAtEnd = async (
  client: Client,
  convoy: ConvoyStatus,
  where: Place | undefined,
): Promise<readonly TakeOver[]> => {
  const config = where && (await configAt(where));
  const comesAlong = (rig: string): boolean =>
    config?.rigs.some(
      ({ name, source, land }) => name === rig && land.mode === 'push' && isAbsolute(source),
    ) === true;
  for (let look = 0; ; look++) {
    const found = await takeOversIn(client, convoy, where);
    if (look === mostLooks || !found.some(({ rig }) => comesAlong(rig))) return found;
    await sleep(300);
  }
};

/** What waits for a person in the whole town, also of convoys that have ended. */
export const takeOversInTown = async (
  client: Client,
  running: readonly ConvoyStatus[],
  refineries: readonly RefineryStatus[],
  where: Place | undefined,
): Promise<readonly TakeOver[]> => {
  const convoys = [...running, ...(await endedOn(client, running, refineries))];
  return await stillWaiting(takeOversOf(convoys, refineries), refineries, where);
};

/** Convoys that have ended, newest first, until each queue that has landed something is known by one. */
const endedOn = async (
  client: Client,
  running: readonly ConvoyStatus[],
  refineries: readonly RefineryStatus[],
): Promise<readonly ConvoyStatus[]> => {
  const isKnown = (by: readonly ConvoyStatus[], { rig, target }: RefineryStatus): boolean =>
    by.some(({ rigs }) => rigs.some((one) => one.rig === rig && one.target === target));
  // What the Refinery brings along by itself it also tells of.
  const unknown = refineries.filter(
    (one) => one.landed > 0 && one.upstream === undefined && !isKnown(running, one),
  );
  if (unknown.length === 0) return [];
  const ids = await within(client, () => idsOf(client, 'convoy', false, mostEnded + running.length)).catch(
    () => [],
  );
  const names = ids.map((id) => id.slice('convoy/'.length));
  const found: ConvoyStatus[] = [];
  for (const name of names.filter((each) => running.every(({ convoy }) => convoy !== each))) {
    const ended = await lookAtConvoy(client, name, 'epics').catch(() => undefined);
    if (ended !== undefined) found.push(ended);
    if (unknown.every((one) => isKnown(found, one))) break;
  }
  return found;
};

/** Without those that the person has done already, as far as git on this machine can tell. */
const stillWaiting = async (
  found: readonly TakeOver[],
  refineries: readonly RefineryStatus[],
  where: Place | undefined,
): Promise<readonly TakeOver[]> => {
  if (where === undefined || found.length === 0) return found;
  const config = await configAt(where);
  const done = await Promise.all(
    found.map(async ({ rig, target }) => {
      const tip = refineries.find((one) => one.rig === rig && one.target === target)?.tip;
      return tip !== undefined && (await isTaken({ ...where, config }, rig, tip));
    }),
  );
  return found.filter((_, at) => done[at] !== true);
};

const isTaken = async ({ home, config }: Place, rig: string, tip: string): Promise<boolean> => {
  const settings = config?.rigs.find(({ name }) => name === rig);
  if (settings === undefined) return false;
  const { source, branch } = settings;
  const [repo, ref] = isAbsolute(source)
    ? [source, `refs/heads/${branch}`]
    : // What the town last saw of it.
      [join(home, 'rigs', rig, 'repo.git'), `refs/remotes/origin/${branch}`];
  return await gitIn(repo, ['merge-base', '--is-ancestor', tip, ref]).then(
    () => true,
    () => false,
  );
};
