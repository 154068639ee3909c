import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { RefineryStatus } from '../../workflows/domain/report.ts';
import { pause as pauseUpdate, resume as resumeUpdate } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { everlasting } from '../look.ts';
import { refineryLines, silentLines } from '../render/townPage.ts';

export const addRefinery = (program: Command): void => {
  const refinery = program
    .command('refinery')
    .summary('the merge queues')
    .description(
      'A refinery is the merge queue of one rig (repository) and branch: it lands what passes, and nothing else.',
    );
  refinery
    .command('status')
    .summary('what waits, and why a queue has stopped')
    .description(
      'Shows every merge queue: what waits, what is tested, and why it has stopped (then exits with 1).',
    )
    .addHelpText('after', '\nExample:\n  gt refinery status')
    .action(answering(status));
  refinery
    .command('pause')
    .argument('<rig>', 'the rig (repository), by its name in gastown.yaml')
    .argument('<branch>', 'the branch that it lands on, as `gt refinery status` shows it')
    .summary('land nothing')
    .description('Lets the queue finish its step and start none. Beads (tasks) go on and wait in the queue.')
    .option('--reason <text>', 'why, for the record', 'asked for by the Overseer')
    .addHelpText('after', '\nExample:\n  gt refinery pause app main --reason "release day"')
    .action(answering(pause));
  refinery
    .command('resume')
    .argument('<rig>', 'the rig (repository), by its name in gastown.yaml')
    .argument('<branch>', 'the branch that it lands on, as `gt refinery status` shows it')
    .summary('land again')
    .description('Ends a pause, or lets a queue that stopped look at its branch again.')
    .addHelpText('after', '\nExample:\n  gt refinery resume app main')
    .action(answering(resume));
};

const status = async (call: Call<object>): Promise<Answer> => {
  const { client } = await call.town();
  const { answers: found, silent } = await everlasting<RefineryStatus>(client, 'refinery', 'refineryStatus');
  return {
    data: found,
    meta: { count: found.length, silent },
    lines: (terminal) =>
      found.length + silent.length === 0
        ? ['No refinery has been needed yet: they start with the first bead (task) that is ready to land.']
        : [...found.flatMap((one) => refineryLines(one, terminal)), ...silentLines(silent, terminal)],
    code:
      silent.length > 0 || found.some(({ stopped }) => stopped !== undefined) ? exitCode.failed : exitCode.ok,
  };
};

const pause = async (
  call: Call<{ readonly reason: string }>,
  rig: string,
  branch: string,
): Promise<Answer> => {
  const { client } = await call.town();
  const { reason } = call.options;
  const said = await within(client, () =>
    handle(client, rig, branch).executeUpdate(pauseUpdate, { args: [{ reason }] }),
  );
  return { data: { rig, branch, reason, said }, lines: () => [`${rig} ${branch}: ${said}`] };
};

const resume = async (call: Call<object>, rig: string, branch: string): Promise<Answer> => {
  const { client } = await call.town();
  const said = await within(client, () =>
    handle(client, rig, branch).executeUpdate(resumeUpdate, { args: [{}] }),
  );
  return { data: { rig, branch, said }, lines: () => [`${rig} ${branch}: ${said}`] };
};

const handle = (client: Client, rig: string, branch: string) =>
  client.workflow.getHandle(workflowId.refinery(rig, branch));
