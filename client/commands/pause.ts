import type { Command } from 'commander';
import { pause as pauseUpdate } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { handleOf, readTarget } from '../targets.ts';

export const addPause = (program: Command): void => {
  program
    .command('pause')
    .argument('<target>', 'CONVOY or CONVOY/EPIC')
    .summary('start nothing new')
    .description(
      'Starts no further beads (tasks) of an epic or convoy; those at work go on to their end. `gt resume` ends the ' +
        'pause. To stop what runs as well: `gt stop`.',
    )
    .option('--reason <text>', 'why, for the record', 'asked for by the Overseer')
    .addHelpText(
      'after',
      '\nExamples:\n  gt pause demo\n  gt pause demo/core --reason "the API is about to change"',
    )
    .action(answering(pause));
};

const pause = async (call: Call<{ readonly reason: string }>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['epic', 'convoy']);
  const { reason } = call.options;
  const { client } = await call.town();
  const said = await within(client, () =>
    handleOf(client, target).executeUpdate(pauseUpdate, { args: [{ reason }] }),
  );
  return { data: { target: target.name, reason, said }, lines: () => [`${target.name}: ${said}`] };
};
