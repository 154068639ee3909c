import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { sendNudge } from '../post.ts';
import { readRecipient, toBead } from '../recipient.ts';
import { readWords } from '../words.ts';

export const addNudge = (program: Command): void => {
  program
    .command('nudge')
    .argument('<bead>', 'CONVOY/EPIC/BEAD, or a polecat by its name')
    .argument('<text>', 'what to say, at most 4000 characters; - reads standard input')
    .summary('a word for the polecat of a bead')
    .description(
      'Says something to the polecat (worker agent) of a bead (task). It stands in its prompts from the next turn on; the call that is ' +
        'under way is not broken off. A parked bead hears it when it goes on. It is no order of the town: gates and ' +
        'refinery decide as before.',
    )
    .option('--from <name>', 'who says it', 'the Overseer')
    .addHelpText(
      'after',
      '\nExamples:\n  gt nudge demo/core/parser "The failing test wants an empty list, not null."\n' +
        '  gt nudge slake "Look at src/names.ts first."\n  gt nudge demo/core/parser - < hint.txt',
    )
    .action(answering(nudge));
};

const nudge = async (call: Call<{ readonly from: string }>, name: string, given: string): Promise<Answer> => {
  const text = await readWords(given);
  const from = await readWords(call.options.from);
  const town = await call.town();
  const bead = toBead(await readRecipient(town, name), name);
  return await sendNudge(town, bead, { id: randomUUID(), from, text });
};
