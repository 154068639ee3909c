import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { workflowId } from '../../workflows/domain/naming.ts';
import { type Raise, resume as resumeUpdate, retryBead } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { wholeNumber } from '../numbers.ts';
import { handleOf, readTargetOrAll, type Target, targetOrRunning } from '../targets.ts';
import { missingIn } from '../unknownName.ts';

interface Options {
  readonly all?: boolean;
  readonly turns?: number;
  readonly tokens?: number;
  readonly minutes?: number;
  readonly attempts?: number;
}

export const addResume = (program: Command): void => {
  program
    .command('resume')
    .argument('[target]', 'CONVOY/EPIC/BEAD, CONVOY/EPIC or CONVOY')
    .summary('go on with what is parked, paused or blocked')
    .description(
      'A bead (task) that is parked goes on from its branch and note; one that is blocked or cancelled is started ' +
        'again. An epic or convoy that is paused or stopped goes on. Each cap given is added to what there was.',
    )
    .option('--all', 'every running convoy')
    .option('--turns <n>', 'more turns for each bead', wholeNumber)
    .option('--tokens <n>', 'more tokens for each bead', wholeNumber)
    .option('--minutes <n>', 'more minutes at work for each bead', wholeNumber)
    .option('--attempts <n>', 'more attempts for each bead', wholeNumber)
    .addHelpText(
      'after',
      '\nExamples:\n  gt resume demo/core/parser --attempts 3 --tokens 200000\n  gt resume demo\n  gt resume --all',
    )
    .action(answering(resume));
};

const resume = async (call: Call<Options>, name: string | undefined): Promise<Answer> => {
  const named = readTargetOrAll(name, call.options.all, 'resume', {
    what: 'Name what is to go on, or say --all.',
    next: 'For example `gt resume CONVOY`, `gt resume CONVOY/EPIC/BEAD` or `gt resume --all`.',
  });
  const raise = raiseOf(call.options);
  const { client } = await call.town();
  const resumed: { target: string; said: string }[] = [];
  for (const target of await targetOrRunning(client, named)) {
    const said = await within(client, () =>
      target.kind === 'bead' ? retry(client, target, raise) : goOn(client, target, raise),
    );
    resumed.push({ target: target.name, said });
  }
  return {
    data: { resumed, raise },
    lines: () =>
      resumed.length === 0 ? ['Nothing runs.'] : resumed.map(({ target, said }) => `${target}: ${said}`),
  };
};

/** The epic starts beads, so it is asked: a blocked bead has no workflow that could hear us. */
const retry = async (
  client: Client,
  target: Extract<Target, { kind: 'bead' }>,
  raise: Raise,
): Promise<string> =>
  await client.workflow
    .getHandle(workflowId.epic(target.convoy, target.epic))
    .executeUpdate(retryBead, { args: [{ bead: target.bead, raise }] })
    .catch(async (error: unknown) => {
      // What the epic refuses may be a bead that it does not have.
      throw (await missingIn(client, target.id).catch(() => undefined)) ?? error;
    });

const goOn = async (client: Client, target: Target, raise: Raise): Promise<string> =>
  await handleOf(client, target).executeUpdate(resumeUpdate, { args: [{ raise }] });

const raiseOf = ({ turns, tokens, minutes, attempts }: Options): Raise => ({
  ...(turns === undefined ? {} : { turns }),
  ...(tokens === undefined ? {} : { tokens }),
  ...(minutes === undefined ? {} : { wallMs: minutes * 60_000 }),
  ...(attempts === undefined ? {} : { attempts }),
});
