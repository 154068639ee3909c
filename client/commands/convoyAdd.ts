import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { handleOf, readTarget } from '../targets.ts';
import { ClientError } from '../trouble.ts';

export const addBeadsTo = (convoy: Command): void => {
  convoy
    .command('add')
    .argument('<epic>', 'CONVOY/EPIC, running')
    .argument('<plan>', 'a plan file whose beads are added')
    .summary('add beads to a running epic')
    .description(
      'Adds the beads (tasks) of a plan with one epic to an epic that runs. Their ids must be new; they may need old ones.',
    )
    .addHelpText('after', '\nExample:\n  gt convoy add demo/core more.yaml')
    .action(answering(add));
};

const add = async (call: Call<object>, name: string, file: string): Promise<Answer> => {
  const target = readTarget(name, ['epic']);
  const { config } = await call.configured();
  const [{ loadPlan }, { convoyInput }, { addBeads, epicStatus }] = await Promise.all([
    import('../../deploy/plan/index.ts'),
    import('../convoyInput.ts'),
    import('../../workflows/messages.ts'),
  ]);
  const { client } = await call.town();
  // New beads may need those that are there.
  const { beads } = await within(client, () => handleOf(client, target).query(epicStatus));
  const plan = await loadPlan(resolve(file), config, { epicHas: beads.map(({ bead }) => bead) });
  const { epics } = await convoyInput({ config, plan }, false);
  const [epic, ...others] = epics;
  if (epic === undefined || others.length > 0) throw severalEpics(file, epics.length);
  const added = await within(client, () =>
    handleOf(client, target).executeUpdate(addBeads, { args: [epic.beads] }),
  );
  return {
    data: { epic: target.name, added },
    lines: () => [`Added to ${target.name}: ${added.join(', ')}.`],
  };
};

const severalEpics = (file: string, count: number): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'SeveralEpics',
    what: 'Beads are added to one epic, so the plan must have one.',
    evidence: `${file} has ${count} epics`,
    next: 'Write the new beads as a plan with `beads:` at its top level.',
  });
