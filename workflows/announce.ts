import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { Announcement } from './domain/mail/announcement.ts';
import { workflowId } from './domain/naming.ts';
import { announce } from './messages.ts';

/**
 * Asks the town to tell its person of something. `name` is unique within this run, which makes the announcement one
 * however often the step is repeated. A town that was ended by hand tells nobody.
 */
export const tellPerson = (
  name: string,
  what: Omit<Announcement, 'id' | 'dueAt'> & { readonly inMs?: number },
): Promise<void> => {
  const { inMs = 0, ...announcement } = what;
  const id = `${workflowInfo().runId}/${name}`;
  return getExternalWorkflowHandle(workflowId.town)
    .signal(announce, { ...announcement, id, dueAt: Date.now() + inMs })
    .catch(() => undefined);
};
