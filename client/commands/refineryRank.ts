import type { Command } from 'commander';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { Rank } from '../../workflows/domain/refinery/book/rank.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { rank as rankUpdate } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { priorityNumber } from '../numbers.ts';
import { queuedBranch } from '../queuedBranch.ts';

const beadArgument = 'CONVOY/EPIC/BEAD, or a branch that you submitted, by its name';

/** What a person says of a branch in the queue, whichever queue that is. */
export const addRefineryRank = (refinery: Command): void => {
  refinery
    .command('priority')
    .argument('<bead>', beadArgument)
    .argument('<number>', 'from -100 to 100; usual is 0, higher goes first', priorityNumber)
    .summary('what is tested first')
    .description(
      'Gives a branch in the merge queue a priority: of what waits for its first test, what is higher goes first. What has ' +
        'waited for very long goes before any priority.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  gt refinery priority demo/core/parser 10\n  gt refinery priority fix-login -5',
    )
    .action(
      answering((call: Call<object>, bead: string, priority: number) => ranked(call, bead, { priority })),
    );
  refinery
    .command('hotfix')
    .argument('<bead>', beadArgument)
    .summary('test one alone at once, and land it first')
    .description(
      'Makes a branch in the merge queue a hotfix: it is tested alone on the target in a slot of its own, and nothing lands ' +
        'before its test has ended. A queue that stopped because its target is red tests and lands hotfixes all the same; one ' +
        'that is paused has to go on first.',
    )
    .option('--off', 'it is no hotfix any more')
    .addHelpText('after', '\nExamples:\n  gt refinery hotfix fix-login\n  gt refinery hotfix fix-login --off')
    .action(
      answering((call: Call<{ readonly off?: boolean }>, bead: string) =>
        ranked(call, bead, { hotfix: call.options.off !== true }),
      ),
    );
};

const ranked = async (call: Call<object>, name: string, rank: Omit<Rank, 'bead'>): Promise<Answer> => {
  const { client } = await call.town();
  const { rig, target, bead } = await queuedBranch(client, name);
  const said = await within(client, () =>
    client.workflow
      .getHandle(workflowId.refinery(rig, target))
      .executeUpdate(rankUpdate, { args: [{ bead, ...rank }] }),
  );
  return {
    data: { rig, branch: target, bead, ...rank, said },
    lines: () => [`${rig} ${oneLine(target)}: ${oneLine(said, 600)}`],
  };
};
