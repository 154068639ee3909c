import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { tellPerson } from '../announce.ts';
import type { Until } from '../domain/convoy.ts';
import { shutdown } from '../messages.ts';
import type { ConvoyDesk } from './desk.ts';
import { toEpics } from './toEpics.ts';

/** Does the convoy's work, and drains it at the time that a person named for that, if they did. */
export const underCurfew = async (desk: ConvoyDesk, work: () => Promise<void>): Promise<void> => {
  const watch = new CancellationScope();
  const watching = watch.run(() => keepCurfew(desk)).catch(whenCancelled);
  try {
    await work();
  } finally {
    watch.cancel();
    await watching;
  }
};

const keepCurfew = async (desk: ConvoyDesk): Promise<void> => {
  for (let kept: Until | undefined; ; ) {
    await condition(() => desk.until !== undefined && desk.until !== kept);
    const { until } = desk;
    if (until === undefined) continue;
    const left = Math.max(1, until.ms - Date.now());
    if (await condition(() => desk.until !== until, left, { summary: `until ${until.clock}` })) continue;
    kept = until;
    await drain(desk, until);
  }
};

/** Every bead finishes its turn and parks; when the last one has, the person is told. */
const drain = async (desk: ConvoyDesk, until: Until): Promise<void> => {
  const { convoy, settings } = desk.input;
  const reason = `it is ${until.clock}, the time that it was to run until; go on with: gt resume ${convoy}`;
  const request = { reason, mode: 'drain', ...(settings.announces ? { tellWhenParked: true } : {}) } as const;
  desk.stopping = request;
  desk.version++;
  const asked = [...desk.epics.values()].filter(({ state }) => state === 'running');
  for (const epic of asked) epic.parked = false;
  await toEpics(desk, (epic) => epic.signal(shutdown, request));
  if (!settings.announces) return;
  const isOver = (): boolean => desk.stopping !== request;
  await condition(() => isOver() || asked.every(({ state, parked }) => parked || state !== 'running'));
  // With nothing left to go on with, the convoy is about to end, which is told by itself.
  if (isOver() || [...desk.epics.values()].every(({ state }) => state !== 'running' && state !== 'pending'))
    return;
  await tellPerson(`drained/${until.ms}`, { event: 'drained', convoy, about: [] });
};

const whenCancelled = (error: unknown): void => {
  if (!isCancellation(error)) throw error;
};
