import type { Client } from '@temporalio/client';
import { workflowId } from '../workflows/domain/naming.ts';
import { resumeRigCommand } from '../workflows/domain/queue/queueFailures.ts';
import type { ConvoyStatus, RefineryStatus } from '../workflows/domain/report/report.ts';
import { oneLine } from '../workflows/domain/text.ts';
import {
  pause as pauseUpdate,
  type Raise,
  resume as resumeUpdate,
  type Shutdown,
  shutdown,
} from '../workflows/messages.ts';
import type { Answer } from './answer.ts';
import { askMaybe, idsOf, within } from './ask.ts';
import { knownQueues } from './knownNames.ts';
import { assertRig } from './knownRigs.ts';
import type { Reached } from './reach.ts';

interface Said {
  readonly target: string;
  readonly said: string;
}

/** In the reason of whatever `gt stop --rig` stops, so that `gt resume --rig` lifts that and no pause of another kind. */
const mark = (rig: string): string => `go on with: ${resumeRigCommand(rig)}`;

/**
 * Stops all work on a rig: epics of all running convoys, begun or not, and its merge queues. Convoys first, so that what waits
 * in a queue is taken out of it by its bead.
 */
export const stopRig = async (
  town: Reached,
  rig: string,
  { reason: why, mode }: Pick<Shutdown, 'reason' | 'mode'>,
): Promise<Answer> => {
  await assertRig(town, rig);
  const { client } = town;
  const reason = `${why}; ${mark(rig)}`;
  const convoys = await convoysOn(client, rig);
  for (const convoy of convoys)
    await within(client, () =>
      client.workflow.getHandle(workflowId.convoy(convoy)).signal(shutdown, { reason, mode, rig }),
    );
  const queues = await queuesOf(client, rig);
  for (const queue of queues)
    await within(client, () => handleOf(client, queue).executeUpdate(pauseUpdate, { args: [{ reason }] }));
  return {
    data: { rig, stopped: convoys, queues, reason, mode },
    lines: () =>
      convoys.length + queues.length === 0
        ? [`Nothing runs on ${rig}.`]
        : [
            ...convoys.map((convoy) => `Asked ${convoy} to stop what works on ${rig}.`),
            ...queues.map(
              (queue) => `The merge queue of ${oneLine(queue)} finishes its step and lands no more.`,
            ),
            `All of it goes on with \`gt resume --rig ${rig}\`.`,
          ],
  };
};

/** Goes on with all that `stopRig` stopped. */
export const resumeRig = async (town: Reached, rig: string, raise: Raise): Promise<readonly Said[]> => {
  await assertRig(town, rig);
  const { client } = town;
  // Queues first: beads that are ready to land need not wait for them.
  const said = [...(await resumeQueues(client, rig))];
  for (const convoy of await convoysOn(client, rig)) {
    const handle = client.workflow.getHandle(workflowId.convoy(convoy));
    const answer = await within(client, () => handle.executeUpdate(resumeUpdate, { args: [{ raise, rig }] }));
    said.push({ target: convoy, said: answer });
  }
  return said;
};

/** Lifts the pauses that `stopRig` has set, of one rig or of all; those of other kinds stay. */
export const resumeQueues = async (client: Client, rig?: string): Promise<readonly Said[]> => {
  const said: Said[] = [];
  for (const queue of await queuesOf(client, rig)) {
    const handle = handleOf(client, queue);
    const { stopped } = (await askMaybe<RefineryStatus>(client, handle, 'refineryStatus')) ?? {};
    if (stopped?.type !== 'QueuePaused' || !stopped.what.includes(mark(queue.split(' ')[0] ?? ''))) continue;
    const answer = await within(client, () => handle.executeUpdate(resumeUpdate, { args: [{}] }));
    said.push({ target: `merge queue of ${oneLine(queue)}`, said: answer });
  }
  return said;
};

/** Convoys that run and have epics on a rig. */
const convoysOn = async (client: Client, rig: string): Promise<readonly string[]> => {
  const names = (await idsOf(client, 'convoy', true, 500)).map((id) => id.slice('convoy/'.length));
  const found = await Promise.all(
    names.map(async (convoy) => {
      const handle = client.workflow.getHandle(workflowId.convoy(convoy));
      const status = await askMaybe<ConvoyStatus>(client, handle, 'convoyStatus');
      // One that cannot say it is asked to stop all the same.
      return status === undefined || status.epics.some((epic) => epic.rig === rig) ? [convoy] : [];
    }),
  );
  return found.flat();
};

const queuesOf = async (client: Client, rig: string | undefined): Promise<readonly string[]> =>
  (await knownQueues(client)).filter((queue) => rig === undefined || queue.startsWith(`${rig} `));

/** `queue`: RIG BRANCH. */
const handleOf = (client: Client, queue: string) => {
  const [rig = '', ...branch] = queue.split(' ');
  return client.workflow.getHandle(workflowId.refinery(rig, branch.join(' ')));
};
