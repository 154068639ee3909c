import type { Client } from '@temporalio/client';
import type { Letter } from '../../workflows/domain/mailbox.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { TownStatus } from '../../workflows/domain/report.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { inboxLines } from '../render/inbox.ts';
import { askOne } from '../stuck.ts';
import { isNotFound } from '../trouble.ts';

/** The answer of `gt inbox`. */
export const inbox = async (call: Call<object>): Promise<Answer> => {
  const { client } = await call.glance();
  const letters = (await lettersOf(client)).toReversed();
  return {
    data: letters,
    meta: { count: letters.length },
    lines: (terminal) => inboxLines(letters, terminal),
  };
};

/** Oldest first. A town that nothing was launched in has no mailbox yet. */
export const lettersOf = async (client: Client): Promise<readonly Letter[]> => {
  try {
    const handle = client.workflow.getHandle(workflowId.town);
    return (await askOne<TownStatus>(client, handle, 'townStatus')).mailbox;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
};
