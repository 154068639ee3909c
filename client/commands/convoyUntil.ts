import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { wrap } from '../render/terminal.ts';
import { handleOf, readTarget } from '../targets.ts';
import { timeOrOff, untilNext, untilText } from '../until.ts';

export const addUntil = (convoy: Command): void => {
  convoy
    .command('until')
    .argument('<convoy>')
    .argument('<time>', 'HH:MM on the clock of the town’s time zone, or off', timeOrOff)
    .summary('run a convoy until a time of the day')
    .description(
      'Drains a running convoy when clocks in the town’s time zone next show that time: each bead (task) finishes its ' +
        'turn and parks, with its work on its branch. `gt resume CONVOY` goes on. `off` lets it run until all is done.',
    )
    .addHelpText('after', '\nExamples:\n  gt convoy until demo 07:00\n  gt convoy until demo off')
    .action(answering(until));
};

const until = async (call: Call<object>, name: string, time: number | 'off'): Promise<Answer> => {
  const target = readTarget(name, ['convoy']);
  const { config } = await call.configured();
  const { client } = await call.town();
  const { setUntil } = await import('../../workflows/messages.ts');
  const wanted = time === 'off' ? undefined : untilNext(time, config.timeZone);
  await within(client, () =>
    handleOf(client, target).executeUpdate(setUntil, {
      args: [wanted === undefined ? {} : { until: wanted }],
    }),
  );
  return {
    data: { convoy: target.convoy, until: wanted ?? null },
    lines: ({ width }) =>
      wanted === undefined
        ? [`Convoy ${target.convoy} runs until all is done.`]
        : wrap(
            `Convoy ${target.convoy} runs until ${wanted.clock}. ${untilText(wanted, config.timeZone)}`,
            width,
          ),
  };
};
