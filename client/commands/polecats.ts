import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { lookAtPolecats } from '../polecats.ts';
import { polecatTable } from '../render/polecatTable.ts';
import { readTarget } from '../targets.ts';

export const addPolecats = (program: Command): void => {
  program
    .command('polecats')
    .argument('[convoy]', 'only of this one')
    .summary('who works on what')
    .description(
      'Shows every polecat (worker agent) that has a bead (task) now: what it is doing at this moment, with which model, ' +
        'what that has cost so far, and what it waits for. A parked one has kept its work and waits for `gt resume`.',
    )
    .addHelpText('after', '\nExamples:\n  gt polecats\n  gt polecats demo --json')
    .action(answering(polecats));
};

const polecats = async (call: Call<object>, name?: string): Promise<Answer> => {
  const convoy = name === undefined ? undefined : readTarget(name, ['convoy']).convoy;
  const { client } = await call.glance();
  const found = await lookAtPolecats(client, convoy);
  return {
    data: found,
    meta: { count: found.length },
    lines: (terminal) =>
      found.length === 0 ? ['No polecat (worker agent) is at work.'] : polecatTable(found, terminal),
  };
};
