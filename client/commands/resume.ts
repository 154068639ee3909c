import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { workflowId } from '../../workflows/domain/naming.ts';
import { type Raise, resume as resumeUpdate, retryBead } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { idsOf, within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { wholeNumber } from '../numbers.ts';
import { handleOf, readTarget, type Target } from '../targets.ts';
import { ClientError } from '../trouble.ts';

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
  if ((name === undefined) !== (call.options.all === true)) throw whatToResume();
  const named = name === undefined ? undefined : readTarget(name, ['bead', 'epic', 'convoy']);
  const raise = raiseOf(call.options);
  const { client } = await call.town();
  const targets: readonly Target[] =
    named === undefined
      ? (await idsOf(client, 'convoy', true, 500)).map((id) => readTarget(id, ['convoy']))
      : [named];
  const resumed: { target: string; said: string }[] = [];
  for (const target of targets) {
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

const whatToResume = (): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadTarget',
    what: 'Name what is to go on, or say --all.',
    evidence: 'gt resume takes either a target or --all',
    next: 'For example `gt resume CONVOY`, `gt resume CONVOY/EPIC/BEAD` or `gt resume --all`.',
  });

/** The epic starts beads, so it is asked: a blocked bead has no workflow that could hear us. */
const retry = async (
  client: Client,
  target: Extract<Target, { kind: 'bead' }>,
  raise: Raise,
): Promise<string> =>
  await client.workflow
    .getHandle(workflowId.epic(target.convoy, target.epic))
    .executeUpdate(retryBead, { args: [{ bead: target.bead, raise }] });

const goOn = async (client: Client, target: Target, raise: Raise): Promise<string> =>
  await handleOf(client, target).executeUpdate(resumeUpdate, { args: [{ raise }] });

const raiseOf = ({ turns, tokens, minutes, attempts }: Options): Raise => ({
  ...(turns === undefined ? {} : { turns }),
  ...(tokens === undefined ? {} : { tokens }),
  ...(minutes === undefined ? {} : { wallMs: minutes * 60_000 }),
  ...(attempts === undefined ? {} : { attempts }),
});
