import type { Command } from 'commander';
import { shutdown } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { handleOf, readTargetOrAll, targetOrRunning } from '../targets.ts';

interface Options {
  readonly all?: boolean;
  readonly now?: boolean;
  readonly reason: string;
}

export const addStop = (program: Command): void => {
  program
    .command('stop')
    .argument('[target]', 'CONVOY/EPIC/BEAD, CONVOY/EPIC or CONVOY')
    .summary('stop work and park it')
    .description(
      'Stops beads (tasks) and parks them: the turn under way is finished, the work is kept on its branch with a note, ' +
        'and `gt resume` goes on from there. The town stays open.',
    )
    .option('--all', 'every running convoy')
    .option('--now', 'break off the model call that is under way')
    .option('--reason <text>', 'why, for the record', 'asked for by the Overseer')
    .addHelpText('after', '\nExamples:\n  gt stop demo/core/parser\n  gt stop demo --now\n  gt stop --all')
    .action(answering(stop));
};

const stop = async (call: Call<Options>, name: string | undefined): Promise<Answer> => {
  const { all, now, reason } = call.options;
  const named = readTargetOrAll(name, all, 'stop', {
    what: 'Name what to stop, or say --all.',
    next: 'For example `gt stop CONVOY`, `gt stop CONVOY/EPIC/BEAD` or `gt stop --all`. To close the town: `gt down`.',
  });
  const { client } = await call.town();
  const targets = await targetOrRunning(client, named);
  const request = { reason, mode: now ? ('now' as const) : ('drain' as const) };
  for (const target of targets)
    await within(client, () => handleOf(client, target).signal(shutdown, request));
  const names = targets.map((target) => target.name);
  return {
    data: { stopped: names, ...request },
    lines: () =>
      names.length === 0
        ? ['Nothing runs.']
        : names.map((one) => `Asked ${one} to stop. It goes on with \`gt resume ${one}\`.`),
  };
};
