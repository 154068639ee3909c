import type { Command } from 'commander';
import { workflowId } from '../../workflows/domain/naming.ts';
import { acknowledgeMail } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call, looking } from '../call.ts';
import { counted } from '../render/amounts.ts';
import { letterLines } from '../render/inbox.ts';
import { neitherOrBoth, unknown } from './inbox.ts';

export const addEscalations = (program: Command): void => {
  const escalations = program
    .command('escalations')
    .summary('letters that press, the most pressing first')
    .description(
      'Lists the letters that press: critical (nothing lands or nobody works until you act), warning (a bead, a message or ' +
        'a plan has failed), info (a decision waits). From warning on you are told again by `notify` of gastown.yaml, ' +
        'after 4 hours and three times unless it says otherwise, each time one step more pressing; not what you have ' +
        'acknowledged.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  gt escalations\n  gt escalations ack 3 5\n  gt escalations ack --all',
    )
    .action(looking('escalations'));
  escalations
    .command('ack')
    .argument('[ids...]', 'letters, by the number that `gt escalations` shows')
    .summary('take note of letters: no reminders')
    .description('Takes note of letters: they stay listed as acknowledged, and nobody is reminded of them.')
    .option('--all', 'all that are listed now')
    .addHelpText('after', '\nExamples:\n  gt escalations ack 3 5\n  gt escalations ack --all')
    .action(answering(acknowledge));
};

const acknowledge = async (
  call: Call<{ readonly all?: boolean }>,
  ids: readonly string[] = [],
): Promise<Answer> => {
  const all = call.options.all === true;
  if (ids.length > 0 === all) throw neitherOrBoth('gt escalations ack');
  const [{ lettersOf }, { escalationsIn }] = await Promise.all([
    import('../looks/inbox.ts'),
    import('../looks/escalations.ts'),
  ]);
  const { client } = await call.town();
  const letters = await lettersOf(client);
  const wanted = all
    ? escalationsIn(letters).filter(({ acknowledged }) => acknowledged === undefined)
    : ids.map((id) => letters.find((one) => String(one.id) === id) ?? unknown(id, letters, 'acknowledged'));
  const noted = [...new Set(wanted.map(({ id }) => id))];
  const answer =
    noted.length === 0
      ? []
      : await within(client, () =>
          client.workflow.getHandle(workflowId.town).executeUpdate(acknowledgeMail, { args: [noted] }),
        );
  return {
    data: { acknowledged: answer },
    meta: { count: answer.length },
    lines: (terminal) =>
      answer.length === 0
        ? ['There was nothing to acknowledge.']
        : [`Acknowledged ${counted(answer.length, 'letter')}:`, ...letterLines(answer, terminal)],
  };
};
