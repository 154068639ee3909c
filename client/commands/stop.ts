import type { Command } from 'commander';
import { shutdown } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { idsOf, within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { stopRig } from '../stoppedRig.ts';
import { handleOf, readTargetOrAll, targetOrRunning } from '../targets.ts';

interface Options {
  readonly all?: boolean;
  readonly rig?: string;
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
        'and `gt resume` goes on from there. Nothing new begins. With --rig: all work of all convoys on one rig (repository), ' +
        'also epics (goals) that have not begun; its merge queues finish the step under way and land nothing more. Convoys ' +
        'that are launched afterwards run. The town stays open.',
    )
    .option('--all', 'every running convoy')
    .option('--rig <rig>', 'all that works on this rig (repository), and its merge queues')
    .option('--now', 'break off the model call that is under way')
    .option('--reason <text>', 'why, for the record', 'asked for by the Overseer')
    .addHelpText(
      'after',
      '\nExamples:\n  gt stop demo/core/parser\n  gt stop demo --now\n  gt stop --rig app\n  gt stop --all --now',
    )
    .action(answering(stop));
};

const stop = async (call: Call<Options>, name: string | undefined): Promise<Answer> => {
  const { rig, now, reason } = call.options;
  const named = readTargetOrAll(name, call.options, 'stop', {
    what: 'Name what to stop, or say --all or --rig.',
    next: 'For example `gt stop CONVOY`, `gt stop CONVOY/EPIC/BEAD`, `gt stop --rig RIG` or `gt stop --all`. To close the town: `gt down`.',
  });
  const town = await call.town();
  const { client } = town;
  const request = { reason, mode: now ? ('now' as const) : ('drain' as const) };
  if (rig !== undefined) return await stopRig(town, rig, request);
  const [targets, plans] = await Promise.all([
    targetOrRunning(client, named),
    named === undefined ? idsOf(client, 'plan', true) : [],
  ]);
  for (const target of targets)
    await within(client, () => handleOf(client, target).signal(shutdown, request));
  const names = targets.map((target) => target.name);
  return {
    data: { stopped: names, ...request },
    lines: () =>
      names.length === 0
        ? ['Nothing runs.', ...plans.map(planNote)]
        : [
            ...names.map((one) => `Asked ${one} to stop. It goes on with \`gt resume ${one}\`.`),
            ...plans.map(planNote),
          ],
  };
};

/** A plan that waits, or is drafted, starts nothing by itself unless it was approved beforehand. */
const planNote = (id: string): string => {
  const name = id.slice('plan/'.length);
  return `The plan ${name} is open and works on nothing yet: \`gt plan show ${name}\`; to end it: \`gt plan reject ${name}\`.`;
};
