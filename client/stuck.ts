import type { Client, WorkflowHandle } from '@temporalio/client';
import type { Trouble } from '../deploy/town/trouble.ts';
import { workflowId } from '../workflows/domain/naming.ts';
import { oneLine } from '../workflows/domain/text.ts';
import { askMaybe, within } from './ask.ts';
import { exitCode } from './exitCodes.ts';
import { ClientError, hasCode, isSilence, told } from './trouble.ts';

/** A workflow of the town that cannot say how it stands, and why (G10). */
export interface Silent {
  readonly workflow: string;
  readonly trouble: Trouble;
}

const failedPrecondition = 9;
/** A worker that was killed costs an attempt or two. */
const mostAttempts = 3;

/** The answer of a query. Throws what is wrong with this very workflow where that is what keeps it from answering. */
export const askOne = async <T>(
  client: Client,
  handle: WorkflowHandle,
  query: string,
  ms?: number,
): Promise<T> => {
  try {
    return await within(client, () => handle.query<T>(query), ms);
  } catch (error) {
    const isRefused = hasCode(error, failedPrecondition);
    if (!isRefused && !isSilence(error)) throw error;
    const found = await within(client, () => handle.describe(), 5_000).catch(() => undefined);
    if (found !== undefined && found.status.name !== 'RUNNING') {
      // Who has ended has no task that could fail; where the town itself answers, it is not the town that is silent.
      if (isRefused || (await answers(client)))
        throw new ClientError(exitCode.failed, unreadable(handle.workflowId, found.status.name, error));
    } else if (isRefused || (found?.raw.pendingWorkflowTask?.attempt ?? 0) >= mostAttempts)
      // A server that has many failed tasks to hand out again may be silent instead.
      throw new ClientError(exitCode.failed, stuck(handle.workflowId, error));
    throw error;
  }
};

const answers = async (client: Client): Promise<boolean> =>
  (await askMaybe(client, client.workflow.getHandle(workflowId.town), 'townStatus')) !== undefined;

/** The same for overviews, where one gap is no failure but must be seen. */
export const askOrSilent = async <T>(
  workflow: string,
  ask: () => Promise<T>,
): Promise<{ readonly answer: T } | { readonly silent: Silent }> => {
  try {
    return { answer: await ask() };
  } catch (error) {
    return { silent: { workflow, trouble: told(error)?.trouble ?? stuck(workflow, error) } };
  }
};

/** A workflow that lives for ever, and was ended: by a failure of its own or by a person. */
export const ended = (workflow: string, how: string): Silent => ({
  workflow,
  trouble: {
    type: 'WorkflowEnded',
    what: `${oneLine(workflow)} does not run: it was ${how.toLowerCase().replaceAll('_', ' ')}.`,
    evidence: '',
    next: `${reason(workflow)} ${again(workflow)}`,
  },
});

const again = (workflow: string): string =>
  workflow.startsWith('refinery/')
    ? 'It starts again by itself with the next bead (task) that is ready to land; those that wait for it ask again now and then.'
    : 'Start it again: `gt down`, then `gt up`.';

const stuck = (workflow: string, error: unknown): Trouble => ({
  type: 'WorkflowStuck',
  what: `${oneLine(workflow)} is stuck: the town’s code fails at each of its tasks, so nothing of it goes on.`,
  evidence:
    error instanceof Error ? (error.cause instanceof Error ? error.cause : error).message : String(error),
  next:
    `${reason(workflow)} It goes on by itself when code that can take it serves the town; ` +
    `else end it: \`temporal workflow terminate -w ${oneLine(workflow)}\`, which loses no landed work.`,
});

/** One that ended under other code than that which serves the town now. */
const unreadable = (workflow: string, status: string, error: unknown): Trouble => ({
  type: 'WorkflowStuck',
  what: `${oneLine(workflow)} has ended, and the town’s code cannot read what became of it: other code wrote its record.`,
  evidence: `its workflow is ${status.toLowerCase().replaceAll('_', ' ')}; ${error instanceof Error ? (error.cause instanceof Error ? error.cause : error).message : String(error)}`,
  next: `Nothing has to be done: what landed is in git, with the names of its beads (tasks) as trailers. Its record as it is: \`temporal workflow show -w ${oneLine(workflow)}\` with the address and namespace that \`gt status\` shows; the version of the town that wrote it can read it.`,
});

const reason = (workflow: string): string =>
  `See why in the worker log in the logs folder of the town’s home, or: \`temporal workflow show -w ${oneLine(workflow)}\` with the address and namespace that \`gt status\` shows.`;
