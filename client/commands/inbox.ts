import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { overseer } from '../../workflows/domain/mail/addressee.ts';
import { type Letter, lettersTo } from '../../workflows/domain/mail/mailbox.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call, looking } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { counted } from '../render/amounts.ts';
import { letterLines } from '../render/inbox.ts';
import { ClientError } from '../trouble.ts';

export const addInbox = (program: Command): void => {
  const inbox = program
    .command('inbox')
    .summary('letters of the town to you')
    .description(
      'Lists the letters that the town has for you, newest first: beads (tasks) that ended blocked, convoys that could ' +
        'not start, branches that were sent back, plans and proposals that wait, messages that did not reach you. A letter ' +
        'goes when what it is about has landed, is decided or is launched again, or when you clear it. Those that press ' +
        'most first, to take note of: `gt escalations`.',
    )
    .option('--crew <rig>', 'those for the crew of a rig (repository) instead')
    .option('--everybody', 'those to the mayor and to crews as well')
    .addHelpText(
      'after',
      '\nExamples:\n  gt inbox\n  gt inbox --json\n  gt inbox --crew app\n  gt inbox clear 3 5\n  gt inbox clear --all',
    )
    .action(looking('inbox'));
  inbox
    .command('clear')
    .argument('[ids...]', 'letters, by the number that `gt inbox` shows')
    .summary('take letters away')
    .description('Takes letters away. What they are about stays as it is.')
    .option('--all', 'all that are for you')
    .addHelpText('after', '\nExamples:\n  gt inbox clear 3 5\n  gt inbox clear --all')
    .action(answering(clear));
};

const clear = async (
  call: Call<{ readonly all?: boolean }>,
  ids: readonly string[] = [],
): Promise<Answer> => {
  const all = call.options.all === true;
  if (ids.length > 0 === all) throw neitherOrBoth('gt inbox clear');
  const { lettersOf } = await import('../looks/inbox.ts');
  const { client } = await call.town();
  const letters = await lettersOf(client);
  const wanted = all
    ? lettersTo(letters, overseer)
    : ids.map((id) => letters.find((one) => String(one.id) === id) ?? unknown(id, letters));
  if (wanted.length > 0) await clearIn(client, [...new Set(wanted.map(({ id }) => id))]);
  return {
    data: { cleared: wanted },
    meta: { count: wanted.length },
    lines: (terminal) =>
      wanted.length === 0
        ? ['There was no letter.']
        : [`Cleared ${counted(wanted.length, 'letter')}:`, ...letterLines(wanted.toReversed(), terminal)],
  };
};

/** Those that were seen, and none that has come since. */
const clearIn = async (client: Client, ids: readonly number[]): Promise<void> => {
  const { clearMail } = await import('../../workflows/messages.ts');
  await within(client, () =>
    client.workflow.getHandle(workflowId.town).executeUpdate(clearMail, { args: [ids] }),
  );
};

/** Throws `NotFound` (exit 2) for a letter that is not there. */
export const unknown = (id: string, letters: readonly Letter[], done = 'cleared'): never => {
  throw new ClientError(exitCode.badInput, {
    type: 'NotFound',
    what: `There is no letter ${JSON.stringify(id.slice(0, 40)).slice(1, -1)}. Nothing was ${done}.`,
    evidence: `letters: ${letters.map((one) => one.id).join(', ') || 'none'}`,
    next: 'See them with `gt inbox`.',
  });
};

/** Throws `BadCommandLine` (exit 2). */
export const neitherOrBoth = (command: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadCommandLine',
    what: 'Name letters, or say --all; not both.',
    evidence: `${command} takes either numbers or --all`,
    next: 'See the letters with `gt inbox`.',
  });
