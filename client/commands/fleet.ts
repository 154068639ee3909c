import type { Command } from 'commander';
import { answering } from '../call.ts';
import { fleetPlan } from '../fleet/plan.ts';
import { fleetState } from '../fleet/state.ts';
import { steering } from '../fleet/steer.ts';
import { addFleetTimeline } from './fleetTimeline.ts';

const hostArgument = 'the host (machine that serves models), by its name in gastown.yaml';

export const addFleet = (program: Command): void => {
  const fleet = program
    .command('fleet')
    .summary('all hosts together: which model is loaded where, and why')
    .description(
      'The fleet is all hosts (machines that serve models) together. Where hosts have several models to choose from, the town ' +
        'plans which of them is loaded where, and when to swap, from the work that is to come.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  gt fleet status\n  gt fleet plan\n  gt fleet pin workshop coder-large',
    );
  fleet
    .command('status')
    .summary('what each host holds and does, and what waits')
    .description(
      'Shows every host with the models that it holds, the calls that run and wait, and the last swaps.',
    )
    .addHelpText('after', '\nExamples:\n  gt fleet status\n  gt fleet status --json')
    .action(answering(fleetState));
  fleet
    .command('plan')
    .summary('what the fleet has decided, why, and what it decided against')
    .description(
      'Shows the plan in force: for each host what it is to hold, the reason, by how much the work should end sooner than ' +
        'without the swap, and the alternatives that were worse.',
    )
    .addHelpText('after', '\nExamples:\n  gt fleet plan\n  gt fleet plan --json')
    .action(answering(fleetPlan));
  fleet
    .command('pin')
    .argument('<host>', hostArgument)
    .argument('<models...>', 'the models that stay loaded, by their names in gastown.yaml')
    .summary('keep models loaded on a host')
    .description(
      'Loads these models on the host and keeps them, whatever else is to be done, until `gt fleet unpin`.',
    )
    .addHelpText('after', '\nExample:\n  gt fleet pin workshop coder-large')
    .action(answering(steering('pin')));
  fleet
    .command('unpin')
    .argument('<host>', hostArgument)
    .summary('let the fleet decide again what a host holds')
    .description('Ends `gt fleet pin` and `gt fleet swap`.')
    .addHelpText('after', '\nExample:\n  gt fleet unpin workshop')
    .action(answering(steering('unpin')));
  fleet
    .command('drain')
    .argument('<host>', hostArgument)
    .summary('give a host no new calls')
    .description(
      'Lets the calls of a host end and gives it no new ones, until `gt fleet drain HOST --off`. What it has loaded stays loaded.',
    )
    .option('--off', 'give it calls again')
    .addHelpText('after', '\nExamples:\n  gt fleet drain workshop\n  gt fleet drain workshop --off')
    .action(answering(steering('drain')));
  fleet
    .command('swap')
    .argument('<host>', hostArgument)
    .argument('<models...>', 'the models to load, by their names in gastown.yaml')
    .summary('load a model now')
    .description(
      'Lets the calls of the host end and loads these models now. They stay for ten minutes at least; then the fleet ' +
        'decides again. Refused while models are pinned there or the host is drained.',
    )
    .addHelpText('after', '\nExample:\n  gt fleet swap workshop reviewer')
    .action(answering(steering('swap')));
  addFleetTimeline(fleet);
};
