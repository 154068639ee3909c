import { randomUUID } from 'node:crypto';
import { type Command, Option } from 'commander';
import { overseer } from '../../workflows/domain/mail/addressee.ts';
import { type Severity, severities } from '../../workflows/domain/mail/severity.ts';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { sendLetter, sendNudge } from '../post.ts';
import { readRecipient } from '../recipient.ts';
import { ClientError } from '../trouble.ts';
import { readWords } from '../words.ts';

interface Options {
  readonly from: string;
  readonly severity?: Severity;
  readonly notify?: boolean;
}

export const addSend = (program: Command): void => {
  program
    .command('send')
    .argument('<to>', 'overseer, mayor, mayor/RIG, crew/RIG, CONVOY/EPIC/BEAD, or a polecat by its name')
    .argument('<text>', 'what to say, at most 4000 characters; - reads standard input')
    .summary('a letter to somebody in the town')
    .description(
      'Sends a text. To the overseer (you, or who takes the watch): a letter in `gt inbox`. To the mayor (the model that ' +
        'plans): it stands in the next plan’s prompt, once; mayor/RIG waits for a plan of that rig (repository). To ' +
        'crew/RIG: a letter for those who look after a rig, in `gt inbox --crew RIG`. To a bead (task) or a polecat ' +
        '(worker agent): as `gt nudge`. Nobody is notified outside the town unless you say so.',
    )
    .addOption(
      new Option(
        '--severity <how>',
        'how much it presses: then it is in `gt escalations`, with reminders from warning on',
      ).choices([...severities]),
    )
    .option('--notify', 'tell the overseer by `notify` of gastown.yaml too; warning and critical do')
    .option('--from <name>', 'who says it', 'the Overseer')
    .addHelpText(
      'after',
      '\nExamples:\n  gt send mayor "No new dependencies, please: the release is frozen."\n' +
        '  gt send mayor/app "Tests live beside the code here."\n' +
        '  gt send crew/app "The cache of slot 2 is broken."\n' +
        '  gt send overseer "The key expires tonight." --severity warning --from ci',
    )
    .action(answering(send));
};

const send = async (call: Call<Options>, to: string, given: string): Promise<Answer> => {
  const { options } = call;
  const text = await readWords(given);
  const from = await readWords(options.from);
  const town = await call.town();
  const recipient = await readRecipient(town, to);
  const id = randomUUID();
  if (options.severity !== undefined || options.notify === true)
    if (recipient.kind === 'bead' || recipient.to !== overseer) throw onlyOverseer(to);
  if (recipient.kind === 'bead') return await sendNudge(town, recipient.bead, { id, from, text });
  const { severity, notify } = options;
  return await sendLetter(town, {
    ...{ id, to: recipient.to, from, text },
    ...(severity === undefined ? {} : { severity }),
    ...(notify === undefined ? {} : { notify }),
  });
};

const onlyOverseer = (to: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadCommandLine',
    what: '--severity and --notify are for letters to the overseer.',
    evidence: `this one is to ${JSON.stringify(to.slice(0, 120))}`,
    next: 'Leave them out, or send it to the overseer: gt send overseer "TEXT" --severity warning',
  });
