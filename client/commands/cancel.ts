import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { handleOf, readTarget } from '../targets.ts';
import { ClientError, hasEnded } from '../trouble.ts';

export const addCancel = (program: Command): void => {
  program
    .command('cancel')
    .argument('<target>', 'CONVOY/EPIC/BEAD, CONVOY/EPIC or CONVOY')
    .summary('end something without landing it')
    .description(
      'Ends a bead (task), epic or convoy. What has landed stays landed; unfinished work is kept as a git ref under ' +
        'refs/gt/kept, and its worktree and branch are removed. Launching the plan again starts it anew.',
    )
    .addHelpText('after', '\nExamples:\n  gt cancel demo/core/parser\n  gt cancel demo')
    .action(answering(cancel));
};

const cancel = async (call: Call<object>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['bead', 'epic', 'convoy']);
  const { client } = await call.town();
  await within(client, async () => {
    const handle = handleOf(client, target);
    const { status } = await handle.describe();
    // Temporal accepts the cancellation of what has ended, and nothing would happen.
    if (status.name !== 'RUNNING') throw new ClientError(exitCode.refused, hasEnded(target.id, status.name));
    await handle.cancel();
  });
  return {
    data: { cancelled: target.name },
    lines: () => [`Asked ${target.name} to end; it cleans up first.`],
  };
};
