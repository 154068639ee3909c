import type { Command } from 'commander';
import { workflowId } from '../../workflows/domain/naming.ts';
import { raiseBudget } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { wholeNumber } from '../numbers.ts';
import { handleOf, readTarget } from '../targets.ts';

export const addBudget = (program: Command): void => {
  const budget = program
    .command('budget')
    .summary('what a convoy may spend')
    .description('The tokens that convoys may spend.')
    .addHelpText('after', '\nExamples:\n  gt budget raise demo 500000\n  gt budget raise-day 1000000');
  budget
    .command('raise')
    .argument('<convoy>', 'its name, as `gt convoy list` shows it')
    .argument('<tokens>', 'tokens to add', wholeNumber)
    .summary('add tokens to a running convoy')
    .description('Adds tokens to the budget of a running convoy. Beads (tasks) that waited for tokens go on.')
    .addHelpText('after', '\nExample:\n  gt budget raise demo 500000')
    .action(answering(raise));
  budget
    .command('raise-day')
    .argument('<tokens>', 'tokens to add', wholeNumber)
    .summary('add tokens to the budget of the day')
    .description(
      'Adds tokens to what all convoys together may spend on a day, today and from now on. Convoys that waited for ' +
        'tokens go on.',
    )
    .addHelpText('after', '\nExample:\n  gt budget raise-day 1000000')
    .action(answering(raiseDay));
};

const raiseDay = async (call: Call<object>, tokens: number): Promise<Answer> => {
  const { client } = await call.town();
  const budget = await within(client, () =>
    client.workflow.getHandle(workflowId.town).executeUpdate(raiseBudget, { args: [tokens] }),
  );
  return {
    data: { tokensPerDay: budget },
    lines: () => [`All convoys together may now spend ${budget.toLocaleString('en-US')} tokens a day.`],
  };
};

const raise = async (call: Call<object>, name: string, tokens: number): Promise<Answer> => {
  const target = readTarget(name, ['convoy']);
  const { client } = await call.town();
  const budget = await within(client, () =>
    handleOf(client, target).executeUpdate(raiseBudget, { args: [tokens] }),
  );
  return {
    data: { convoy: target.convoy, tokens: budget },
    lines: () => [`Convoy ${target.convoy} may now spend ${budget.toLocaleString('en-US')} tokens.`],
  };
};
