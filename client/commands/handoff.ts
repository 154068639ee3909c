import type { Command } from 'commander';
import { nearest } from '../../workflows/domain/nearest.ts';
import { handoff as handoffSignal } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { handleOf, readTarget } from '../targets.ts';
import { ClientError } from '../trouble.ts';

interface Options {
  readonly reason: string;
  readonly model?: string;
}

export const addHandoff = (program: Command): void => {
  program
    .command('handoff')
    .argument('<target>', 'CONVOY/EPIC/BEAD, CONVOY/EPIC or CONVOY')
    .summary('let a fresh conversation go on with a bead')
    .description(
      'The polecat (worker agent) finishes its step and writes a note; a fresh conversation goes on from the note, in ' +
        'the same worktree and branch, with another model if you name one. For an epic or a convoy: all its open beads.',
    )
    .option('--reason <text>', 'why, for the note', 'asked for by the Overseer')
    .option('--model <key>', 'go on with this model of the configuration')
    .addHelpText(
      'after',
      '\nExamples:\n  gt handoff demo/core/parser --reason "it is going in circles"\n  gt handoff demo/core/parser --model big',
    )
    .action(answering(handoff));
};

const handoff = async (call: Call<Options>, name: string): Promise<Answer> => {
  const { reason, model } = call.options;
  const target = readTarget(name, ['bead', 'epic', 'convoy']);
  const town = await call.town();
  const known = town.config?.models.map(({ key }) => key);
  if (model !== undefined && known?.includes(model) === false) throw unknownModel(model, known);
  const request = { reason, ...(model === undefined ? {} : { model }) };
  await within(town.client, () => handleOf(town.client, target).signal(handoffSignal, request));
  return {
    data: { target: target.name, ...request },
    lines: () => [`Asked ${target.name} to hand over${model === undefined ? '' : ` to ${model}`}.`],
  };
};

const unknownModel = (model: string, known: readonly string[]): ClientError => {
  const meant = nearest(model, known);
  return new ClientError(exitCode.badInput, {
    type: 'UnknownModel',
    what: `The configuration has no model "${model}".${meant === undefined ? '' : ` Did you mean "${meant}"?`}`,
    evidence: `it has: ${known.join(', ')}`,
    next: 'Name one of these, or add the model to gastown.yaml and restart the town.',
  });
};
