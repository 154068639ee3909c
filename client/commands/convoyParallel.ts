import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { wholeNumber } from '../numbers.ts';
import { handleOf, readTarget } from '../targets.ts';

export const addSetParallel = (convoy: Command): void => {
  convoy
    .command('set-parallel')
    .argument('<epic>', 'CONVOY/EPIC')
    .argument('<n>', 'beads at work at once', wholeNumber)
    .summary('change how many beads run at once')
    .description('Changes how many beads (tasks) of a running epic are worked on at once.')
    .addHelpText('after', '\nExample:\n  gt convoy set-parallel demo/core 4')
    .action(answering(setParallel));
};

const setParallel = async (call: Call<object>, name: string, count: number): Promise<Answer> => {
  const target = readTarget(name, ['epic']);
  const { client } = await call.town();
  const { setMaxParallel } = await import('../../workflows/messages.ts');
  const now = await within(client, () =>
    handleOf(client, target).executeUpdate(setMaxParallel, { args: [count] }),
  );
  return {
    data: { epic: target.name, maxParallel: now },
    lines: () => [`Epic ${target.name} now works on at most ${now} beads at once.`],
  };
};
