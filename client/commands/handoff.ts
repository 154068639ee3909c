import type { Command } from 'commander';
import { nearest } from '../../workflows/domain/nearest.ts';
import { handoff as handoffSignal } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { type OpenBead, openBeads } from '../ladders.ts';
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
    .option('--model <key>', 'go on with this model, one of the ladder that was set at launch')
    .addHelpText(
      'after',
      '\nExamples:\n  gt handoff demo/core/parser --reason "it is going in circles"\n  gt handoff demo/core/parser --model big',
    )
    .action(answering(handoff));
};

const handoff = async (call: Call<Options>, name: string): Promise<Answer> => {
  const { reason, model } = call.options;
  const target = readTarget(name, ['bead', 'epic', 'convoy']);
  const { client } = await call.town();
  const open = await openBeads(client, target);
  if (open.length === 0) throw nobodyOpen(target.name);
  const unable = model === undefined ? [] : open.filter(({ ladder }) => ladder?.includes(model) === false);
  if (model !== undefined && unable.length === open.length) throw notOnLadder(model, target.name, open);
  const request = { reason, ...(model === undefined ? {} : { model }) };
  await within(client, () => handleOf(client, target).signal(handoffSignal, request));
  return {
    data: { target: target.name, ...request, otherModel: unable.map(({ bead }) => bead) },
    lines: () => [
      `Asked ${target.name} to hand over${model === undefined ? '' : ` to ${model}`}.`,
      ...(unable.length === 0
        ? []
        : [`Without ${model} on their ladder, these go on with the model they have: ${namesOf(unable)}.`]),
    ],
  };
};

const nobodyOpen = (name: string): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'NobodyOpen',
    what: `No bead (task) of ${name} is at work or parked, so there is nobody to hand over.`,
    evidence: '',
    next: `See how things stand with \`gt convoy status ${name.split('/')[0]}\`.`,
  });

const notOnLadder = (model: string, name: string, open: readonly OpenBead[]): ClientError => {
  const known = [...new Set(open.flatMap(({ ladder }) => ladder ?? []))];
  const meant = nearest(model, known);
  return new ClientError(exitCode.badInput, {
    type: 'UnknownModel',
    what: `${name} cannot go on with the model "${model}": it is not on the ladder that was set at launch.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`,
    evidence: `on the ladder: ${known.join(', ')}`,
    next: 'Name one of these. For another model, add it to `models` and `roles` in the configuration, then launch the plan again.',
  });
};

const namesOf = (beads: readonly OpenBead[]): string => beads.map(({ bead }) => bead).join(', ');
