import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { workflowId } from '../../workflows/domain/naming.ts';
import { type Raise, resume as resumeUpdate, retryBead } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { moneyAmount, wholeNumber } from '../numbers.ts';
import { resumeQueues, resumeRig } from '../stoppedRig.ts';
import { handleOf, readTargetOrAll, type Target, targetOrRunning } from '../targets.ts';
import { missingIn } from '../unknownName.ts';

interface Options {
  readonly all?: boolean;
  readonly rig?: string;
  readonly turns?: number;
  readonly tokens?: number;
  readonly money?: number;
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
    .option('--all', 'every running convoy, and the merge queues that `gt stop --rig` paused')
    .option('--rig <rig>', 'all that `gt stop --rig` stopped on this rig (repository), and its merge queues')
    .option('--turns <n>', 'more turns for each bead', wholeNumber)
    .option('--tokens <n>', 'more tokens for each bead', wholeNumber)
    .option('--money <amount>', 'more money for each bead that has a cap of it', moneyAmount)
    .option('--minutes <n>', 'more minutes at work for each bead', wholeNumber)
    .option('--attempts <n>', 'more attempts for each bead', wholeNumber)
    .addHelpText(
      'after',
      '\nExamples:\n  gt resume demo/core/parser --attempts 3 --tokens 200000\n  gt resume demo\n  gt resume --rig app\n  gt resume --all',
    )
    .action(answering(resume));
};

const resume = async (call: Call<Options>, name: string | undefined): Promise<Answer> => {
  const named = readTargetOrAll(name, call.options, 'resume', {
    what: 'Name what is to go on, or say --all or --rig.',
    next: 'For example `gt resume CONVOY`, `gt resume CONVOY/EPIC/BEAD`, `gt resume --rig RIG` or `gt resume --all`.',
  });
  const raise = raiseOf(call.options);
  const town = await call.town();
  const { client } = town;
  const { rig, all } = call.options;
  const resumed: { target: string; said: string }[] = [];
  if (rig !== undefined) resumed.push(...(await resumeRig(town, rig, raise)));
  if (all === true) resumed.push(...(await resumeQueues(client)));
  for (const target of rig === undefined ? await targetOrRunning(client, named) : []) {
    const said = await within(client, () =>
      target.kind === 'bead' ? retry(client, target, raise) : goOn(client, target, raise),
    );
    resumed.push({ target: target.name, said });
  }
  return {
    data: { resumed, raise },
    lines: () =>
      resumed.length === 0
        ? [rig === undefined ? 'Nothing runs.' : `Nothing runs on ${rig}.`]
        : resumed.map(({ target, said }) => `${target}: ${said}`),
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

const raiseOf = ({ turns, tokens, money, minutes, attempts }: Options): Raise => ({
  ...(turns === undefined ? {} : { turns }),
  ...(tokens === undefined ? {} : { tokens }),
  ...(money === undefined ? {} : { money }),
  ...(minutes === undefined ? {} : { wallMs: minutes * 60_000 }),
  ...(attempts === undefined ? {} : { attempts }),
});
