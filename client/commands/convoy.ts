import type { Command } from 'commander';
import { addBeadsTo } from './convoyAdd.ts';
import { addLaunch } from './convoyLaunch.ts';
import { addConvoyList, addConvoyStatus, addConvoyWatch } from './convoyLook.ts';
import { addSetParallel } from './convoyParallel.ts';
import { addProposals } from './convoyProposals.ts';
import { addUntil } from './convoyUntil.ts';

export const addConvoy = (program: Command): void => {
  const convoy = program
    .command('convoy')
    .summary('launch and follow convoys')
    .description(
      'A convoy is what you launch and follow: a plan with one or more epics (goals), each a graph of beads (tasks).\n' +
        'Every bead is worked on by a polecat (worker agent) in a worktree (own checkout) of its own; what passes the gates lands.',
    )
    .addHelpText('after', '\nExamples:\n  gt convoy launch plan.yaml --watch\n  gt convoy list');
  addLaunch(convoy);
  addConvoyList(convoy);
  addConvoyStatus(convoy);
  addConvoyWatch(convoy);
  addSetParallel(convoy);
  addUntil(convoy);
  addBeadsTo(convoy);
  addProposals(convoy);
};
