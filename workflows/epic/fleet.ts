import { condition, getExternalWorkflowHandle, setHandler, sleep } from '@temporalio/workflow';
import type { BeadReport } from '../domain/fleet/beadReport.ts';
import { beadsOfEpic, changedBeads } from '../domain/fleet/beadsOfEpic.ts';
import { workflowId } from '../domain/naming.ts';
import { stages, tellStages } from '../messages.ts';
import type { EpicDesk } from './desk.ts';

/**
 * Tells the fleet of the work that is to come, for as long as the epic lives; only where its hosts have something to choose, as
 * the launch has found. A fleet that is not there is told nothing: when it starts it asks for everything.
 */
export const tellFleet = (desk: EpicDesk): LastWord => {
  const { fleet } = desk.input.settings;
  if (fleet === undefined) return async () => undefined;
  const { convoy, plan, settings } = desk.input;
  const epic = `${convoy}/${plan.id}`;
  const door = getExternalWorkflowHandle(workflowId.fleet);
  let told: ReadonlyMap<string, BeadReport> | undefined;
  let asked = 0;
  setHandler(tellStages, () => {
    told = undefined;
    asked++;
  });
  // Cancelled with its epic, whose own end says so.
  tell().catch(() => undefined);

  return () => door.signal(stages, { epic, whole: true, beads: [], gone: [] }).catch(() => undefined);

  async function tell(): Promise<void> {
    for (;;) {
      const seen = standing(desk);
      const answered = asked;
      const now = reports();
      const news = changedBeads(epic, told, now);
      told = now;
      for (const part of news) await door.signal(stages, part).catch(() => undefined);
      await sleep(fleet?.gatherMs ?? 0, { summary: 'gather what the fleet is told' });
      await condition(() => standing(desk) !== seen || asked !== answered);
    }

    function reports(): Map<string, BeadReport> {
      const at = Date.now();
      const known = told;
      return new Map(
        [...beadsOfEpic(desk.board, { convoy, epic: plan.id, settings })].map(([bead, one]) => {
          const before = known?.get(bead);
          return [bead, { ...one, since: before?.state === one.state ? before.since : at }];
        }),
      );
    }
  }
};

/** What may only be told once all is over: nothing of this epic is to come any more. */
export type LastWord = () => Promise<void>;

/** Changes when a bead starts, too, and when it is decided who works on it, of which the desk's version says nothing. */
const standing = ({ board }: EpicDesk): string =>
  [...board.values()].map(({ state, model }) => `${state} ${model}`).join();
