import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { RefineryStatus } from '../../workflows/domain/report/report.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { pause as pauseUpdate, resume as resumeUpdate } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call, looking } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { knownQueues } from '../knownNames.ts';
import { priorityNumber } from '../numbers.ts';
import { ClientError } from '../trouble.ts';
import { unknownQueue } from '../unknownName.ts';
import { addRefineryRank } from './refineryRank.ts';

export const addRefinery = (program: Command): void => {
  const refinery = program
    .command('refinery')
    .summary('the merge queues')
    .description(
      'A refinery is the merge queue of one rig (repository) and branch: it lands what passes, and nothing else.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  gt refinery status\n  gt refinery queue app\n  gt refinery pause app --reason "release day"',
    );
  refinery
    .command('status')
    .summary('what waits, and why a queue has stopped')
    .description(
      'Shows every merge queue: what waits, what is tested, what it has done so far, and why it has stopped (then exits with 1).',
    )
    .addHelpText('after', '\nExample:\n  gt refinery status')
    .action(looking('refinery status'));
  refinery
    .command('queue')
    .argument('[rig]', 'the rig (repository), by its name in gastown.yaml; left out: all queues')
    .argument('[branch]', 'the branch that it lands on, where the rig has several queues')
    .summary('why each branch waits, and when it should land')
    .description(
      'Shows what is in the merge queues, branch by branch: why it has not landed yet, since when it waits, and when it should ' +
        'land if nothing more fails. Exits with 1 when a queue has stopped.',
    )
    .addHelpText('after', '\nExamples:\n  gt refinery queue\n  gt refinery queue app main --json')
    .action(looking('refinery queue'));
  refinery
    .command('show')
    .argument('<run>', 'the number of a test, as `gt refinery status` shows it')
    .argument('[rig]', 'the rig (repository), where several queues have such a run')
    .argument('[branch]', 'the branch that it lands on, where the rig has several queues')
    .summary('one test of a group: what is in it, and what came of it')
    .description(
      'Shows a test of the merge queue: what it is for, which branches are in it, on which commit, and what came of it as ' +
        'far as the queue remembers. Exits with 1 for one that failed.',
    )
    .addHelpText('after', '\nExamples:\n  gt refinery show 12\n  gt refinery show 12 app main')
    .action(looking('refinery show'));
  refinery
    .command('pause')
    .argument('<rig>', 'the rig (repository), by its name in gastown.yaml')
    .argument(
      '[branch]',
      'the branch that it lands on, as `gt refinery status` shows it; not needed where there is one',
    )
    .summary('land nothing')
    .description(
      'Lets the queue finish its step and start none. Beads (tasks) go on and wait in the queue. With --below only those ' +
        'wait that have a lower priority (`gt refinery priority`); others and hotfixes land as ever.',
    )
    .option('--reason <text>', 'why, for the record', 'asked for by the Overseer')
    .option('--below <priority>', 'only what has a lower priority than this', priorityNumber)
    .addHelpText(
      'after',
      '\nExamples:\n  gt refinery pause app --reason "release day"\n  gt refinery pause app main --below 10',
    )
    .action(answering(pause));
  refinery
    .command('resume')
    .argument('<rig>', 'the rig (repository), by its name in gastown.yaml')
    .argument(
      '[branch]',
      'the branch that it lands on, as `gt refinery status` shows it; not needed where there is one',
    )
    .summary('land again')
    .description(
      'Ends a pause, also one for low priorities, or lets a queue that stopped look at its branch again.',
    )
    .addHelpText('after', '\nExamples:\n  gt refinery resume app\n  gt refinery resume app main')
    .action(answering(resume));
  addRefineryRank(refinery);
};

const pause = async (
  call: Call<{ readonly reason: string; readonly below?: number }>,
  rig: string,
  named: string | undefined,
): Promise<Answer> => {
  const { client } = await call.town();
  const { reason, below } = call.options;
  const branch = named ?? (await onlyBranch(client, rig));
  const request = { reason, ...(below === undefined ? {} : { below }) };
  if (below !== undefined) await checkClosable(client, rig, branch);
  const said = await within(client, () =>
    handle(client, rig, branch).executeUpdate(pauseUpdate, { args: [request] }),
  );
  return { data: { rig, branch, ...request, said }, lines: () => [`${rig} ${oneLine(branch)}: ${said}`] };
};

/** A queue that an older version began pauses as a whole, whatever priority it is told. */
const checkClosable = async (client: Client, rig: string, branch: string): Promise<void> => {
  const { counts } = await within(client, () =>
    handle(client, rig, branch).query<RefineryStatus>('refineryStatus'),
  );
  if (counts !== undefined) return;
  throw new ClientError(exitCode.refused, {
    type: 'QueueTooOld',
    what: 'This merge queue does not know priorities yet.',
    evidence: `${rig} ${oneLine(branch)}: an older version of the town began it`,
    next: `It learns them by itself as it goes on. To pause it as a whole: gt refinery pause ${rig} ${oneLine(branch)}`,
  });
};

const resume = async (call: Call<object>, rig: string, named: string | undefined): Promise<Answer> => {
  const { client } = await call.town();
  const branch = named ?? (await onlyBranch(client, rig));
  const said = await within(client, () =>
    handle(client, rig, branch).executeUpdate(resumeUpdate, { args: [{}] }),
  );
  return { data: { rig, branch, said }, lines: () => [`${rig} ${oneLine(branch)}: ${said}`] };
};

/** Most rigs have one merge queue, whose branch nobody needs to spell. */
const onlyBranch = async (client: Client, rig: string): Promise<string> => {
  const known = await knownQueues(client);
  const [only, ...others] = known.filter((queue) => queue.startsWith(`${rig} `));
  if (only !== undefined && others.length === 0) return only.slice(rig.length + 1);
  if (only === undefined) throw unknownQueue(rig, known);
  throw new ClientError(exitCode.badInput, {
    type: 'BadTarget',
    what: `The rig ${rig} has several merge queues, one for each branch that it lands on.`,
    evidence: `they are: ${[only, ...others].map((queue) => oneLine(queue)).join(', ')}`,
    next: `Name the branch: \`gt refinery status\` shows them with what they do.`,
  });
};

const handle = (client: Client, rig: string, branch: string) =>
  client.workflow.getHandle(workflowId.refinery(rig, branch));
