import {
  type ChildWorkflowHandle,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { bead } from '../bead.ts';
import { urgencyOf } from '../domain/bead/urgency.ts';
import type { BoardBead } from '../domain/epicBoard.ts';
import { type BeadRef, workflowId } from '../domain/naming.ts';
import { longestSummary, markdownText } from '../domain/text.ts';
import { describedBy } from '../searchAttributes.ts';
import type { EpicDesk } from './desk.ts';
import { reportsFor } from './reports.ts';
import { ladderFor } from './route.ts';

/** Starts a bead's workflow; the desk counts it until it is known to run. Throws where it runs or has landed already. */
export const startBead = async (
  desk: EpicDesk,
  one: BoardBead,
): Promise<ChildWorkflowHandle<typeof bead>> => {
  desk.starting++;
  try {
    return await child(desk, one);
  } finally {
    desk.starting--;
  }
};

const child = async (desk: EpicDesk, one: BoardBead): Promise<ChildWorkflowHandle<typeof bead>> => {
  const { input } = desk;
  const { settings, rig } = input;
  const ref = refOf(desk, one.spec.id);
  const ladder = await ladderFor(desk, one);
  one.model = ladder[0]?.model ?? '';
  return startChild(bead, {
    workflowId: workflowId.bead(ref),
    // A landed bead is never run twice; a blocked or lost one may be.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    // Beads own worktrees: they must get the chance to put them away.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: markdownText(one.spec.title, longestSummary),
    typedSearchAttributes: describedBy(settings.searchAttributes, {
      role: 'bead',
      convoy: input.convoy,
      epic: input.plan.id,
      bead: one.spec.id,
      rig: rig.rig,
      state: 'working',
    }),
    args: [
      {
        ref,
        spec: one.spec,
        rig: rig.rig,
        target: rig.target,
        upstream: rig.upstream,
        place: settings.place,
        polecat: one.polecat,
        ladder,
        caps: one.caps,
        pace: settings.pace,
        searchAttributes: settings.searchAttributes,
        watched: true,
        craft: settings.craft ?? { samples: 1 },
        reports: reportsFor(desk, one),
        urgency: urgencyOf(desk.board, one.spec.id),
      },
    ],
  });
};

export const refOf = (desk: EpicDesk, id: string): BeadRef => ({
  convoy: desk.input.convoy,
  epic: desk.input.plan.id,
  bead: id,
});
