import type { Client } from '@temporalio/client';
import { overseer } from '../../workflows/domain/mail/addressee.ts';
import { type Letter, lettersTo } from '../../workflows/domain/mail/mailbox.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { TownStatus } from '../../workflows/domain/report/report.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { assertRig } from '../knownRigs.ts';
import { inboxLines } from '../render/inbox.ts';
import { askOne } from '../stuck.ts';
import { isNotFound } from '../trouble.ts';

interface Options {
  readonly crew?: string;
  readonly everybody?: boolean;
}

/** The answer of `gt inbox`. */
export const inbox = async (call: Call<Options>): Promise<Answer> => {
  const { crew, everybody } = call.options;
  const town = await call.glance();
  if (crew !== undefined) await assertRig(town, crew);
  const all = await lettersOf(town.client);
  const letters = (
    everybody ? all.filter(waits) : lettersTo(all, crew === undefined ? overseer : `crew/${crew}`)
  ).toReversed();
  return {
    data: letters,
    meta: { count: letters.length },
    lines: (terminal) => inboxLines(letters, terminal),
  };
};

/** What a planner has read is kept a while, in case that no plan comes of it; it waits for nobody. */
const waits = ({ takenBy }: Letter): boolean => takenBy === undefined;

/** Oldest first, to whomever. A town that nothing was launched in has no mailbox yet. */
export const lettersOf = async (client: Client): Promise<readonly Letter[]> => {
  try {
    const handle = client.workflow.getHandle(workflowId.town);
    return (await askOne<TownStatus>(client, handle, 'townStatus')).mailbox;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
};
