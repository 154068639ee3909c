import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { workflowId } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { pause as pauseUpdate, resume as resumeUpdate } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call, looking } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { knownQueues } from '../knownNames.ts';
import { ClientError } from '../trouble.ts';
import { unknownQueue } from '../unknownName.ts';

export const addRefinery = (program: Command): void => {
  const refinery = program
    .command('refinery')
    .summary('the merge queues')
    .description(
      'A refinery is the merge queue of one rig (repository) and branch: it lands what passes, and nothing else.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  gt refinery status\n  gt refinery pause app --reason "release day"',
    );
  refinery
    .command('status')
    .summary('what waits, and why a queue has stopped')
    .description(
      'Shows every merge queue: what waits, what is tested, and why it has stopped (then exits with 1).',
    )
    .addHelpText('after', '\nExample:\n  gt refinery status')
    .action(looking('refinery status'));
  refinery
    .command('pause')
    .argument('<rig>', 'the rig (repository), by its name in gastown.yaml')
    .argument(
      '[branch]',
      'the branch that it lands on, as `gt refinery status` shows it; not needed where there is one',
    )
    .summary('land nothing')
    .description('Lets the queue finish its step and start none. Beads (tasks) go on and wait in the queue.')
    .option('--reason <text>', 'why, for the record', 'asked for by the Overseer')
    .addHelpText(
      'after',
      '\nExamples:\n  gt refinery pause app --reason "release day"\n  gt refinery pause app main',
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
    .description('Ends a pause, or lets a queue that stopped look at its branch again.')
    .addHelpText('after', '\nExamples:\n  gt refinery resume app\n  gt refinery resume app main')
    .action(answering(resume));
};

const pause = async (
  call: Call<{ readonly reason: string }>,
  rig: string,
  named: string | undefined,
): Promise<Answer> => {
  const { client } = await call.town();
  const { reason } = call.options;
  const branch = named ?? (await onlyBranch(client, rig));
  const said = await within(client, () =>
    handle(client, rig, branch).executeUpdate(pauseUpdate, { args: [{ reason }] }),
  );
  return { data: { rig, branch, reason, said }, lines: () => [`${rig} ${oneLine(branch)}: ${said}`] };
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
