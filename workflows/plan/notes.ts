import { getExternalWorkflowHandle, isCancellation, log, patched, workflowInfo } from '@temporalio/workflow';
import type { Note } from '../domain/mail/message.ts';
import { workflowId } from '../domain/naming.ts';
import type { PlanInput } from '../domain/plan/planning.ts';
import { notesBack } from '../messages.ts';
import { askingActivities } from '../proxies.ts';

/** What the mayor has been sent since it planned last for this rig. What cannot be read keeps for the next plan. */
export const notesForMayor = async ({ rig, settings, replans }: PlanInput): Promise<readonly Note[]> => {
  // What the mayor is told is for its next plan, not for the rescue of one bead.
  if (replans !== undefined) return [];
  if (!patched('mayor-reads-notes')) return [];
  try {
    return await askingActivities(settings.pace).takeNotes({ by: workflowInfo().runId, rig });
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('notes to the mayor not read', { error: String(error) });
    return [];
  }
};

/** No plan came of what was taken: the next planner is told. */
export const giveNotesBack = (): Promise<void> =>
  getExternalWorkflowHandle(workflowId.town)
    .signal(notesBack, { by: workflowInfo().runId })
    .catch(() => undefined); // a town that was ended by hand has no mailbox
