import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { stopSignals } from '../../deploy/town/stopSignals.ts';
import { blobPath, isBlobRef } from '../../workflows/domain/blobRef.ts';
import { taskQueue, workflowId } from '../../workflows/domain/naming.ts';
import { isOver, type OwnBranchStatus } from '../../workflows/domain/queue/ownBranch.ts';
import { longestSummary, markdownText, oneLine } from '../../workflows/domain/text.ts';
import type { Answer } from '../answer.ts';
import { askMaybe, idsOf, within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { type ExitCode, exitCode } from '../exitCodes.ts';
import { ownBranchName, rigMeant } from '../ownBranch.ts';
import { ownBranchLine, ownBranchLines } from '../render/ownBranch.ts';
import { ClientError, isNotFound } from '../trouble.ts';

interface Options {
  readonly rig?: string;
  readonly target?: string;
  readonly title?: string;
  readonly wait?: boolean;
  readonly withdraw?: boolean;
}

export const addSubmit = (program: Command): void => {
  program
    .command('submit')
    .argument('[branch]', 'a branch of your repository; left out: the branches that were submitted')
    .summary('send a branch of your own through the refinery')
    .description(
      'Sends a branch of your own through the refinery (merge queue): composed on the target, tested by all gates in a ' +
        'clean folder, and landed if green, with your commits as they are. Submitted again, the branch is taken as it is ' +
        'now. Your branch itself is never touched.',
    )
    .option('--rig <rig>', 'the repository (default: the one you stand in, or the only one)')
    .option('--target <branch>', 'land there instead of on the branch of the rig')
    .option('--title <text>', 'what the landing says (default: the newest commit’s subject)')
    .option('--wait', 'wait for the verdict; exits with 1 when it is sent back')
    .option('--withdraw', 'take it out of the queue again')
    .addHelpText(
      'after',
      '\nExamples:\n  gt submit fix-login\n  gt submit fix-login --wait --title "Repair the login"\n' +
        '  gt submit fix-login --withdraw\n  gt submit                  what became of the branches',
    )
    .action(answering(submit));
};

const submit = async (call: Call<Options>, branch: string | undefined): Promise<Answer> => {
  if (branch === undefined) return await list(call);
  const { options } = call;
  const { config } = await call.configured();
  const rig = await rigMeant(config, options.rig);
  const name = ownBranchName(branch);
  const { client, home } = await call.town();
  const id = workflowId.submission(rig.name, name);
  if (options.withdraw === true) await cancel(client, id, branch);
  else {
    const { target, title } = options;
    const input = {
      ...{ rig: rig.name, branch, name },
      ...(target === undefined ? {} : { target }),
      ...(title === undefined ? {} : { title }),
    };
    await within(client, () =>
      client.workflow.signalWithStart('submission', {
        workflowId: id,
        taskQueue: taskQueue.town,
        args: [input],
        signal: 'submitAgain',
        signalArgs: [],
        staticSummary: markdownText(`branch ${branch}`, longestSummary),
      }),
    );
  }
  const status = await follow(client, id, options);
  return answerOf(status, home, isToTheEnd(options));
};

const cancel = async (client: Client, id: string, branch: string): Promise<void> => {
  const handle = client.workflow.getHandle(id);
  const state = await within(client, () => handle.describe()).then(
    ({ status }) => status.name,
    (error: unknown) => {
      if (!isNotFound(error)) throw error;
    },
  );
  // The server takes a cancellation of what has ended for done.
  if (state === 'RUNNING') await within(client, () => handle.cancel());
  else
    throw new ClientError(exitCode.badInput, {
      type: 'NotFound',
      what: `The branch ${oneLine(branch)} is not in the queue.`,
      evidence: `workflow ${id}: ${state === undefined ? 'never was' : 'has ended'}`,
      next: 'See what became of your branches with `gt submit`.',
    });
};

/** Looks until the branch is read, or to the verdict. Mistakes are told at once: nobody should wait for a typing error. */
const follow = async (client: Client, id: string, options: Options): Promise<OwnBranchStatus> => {
  using signals = stopSignals();
  const handle = client.workflow.getHandle(id);
  for (let pause = 50; ; pause = Math.min(2 * pause, 1_000)) {
    const status = await within(client, () => handle.query<OwnBranchStatus>('submissionStatus'));
    if (isOver(status.state) || (!isToTheEnd(options) && status.state === 'queued') || signals.drain.aborted)
      return status;
    await sleep(pause, undefined, { signal: signals.drain }).catch(() => {});
  }
};

const isToTheEnd = ({ wait, withdraw }: Options): boolean => wait === true || withdraw === true;

const answerOf = (status: OwnBranchStatus, home: string, toTheEnd: boolean): Answer => {
  const { state, failure, evidenceRef } = status;
  if (state === 'failed' && failure !== undefined)
    throw new ClientError(failure.type === 'RigUnusable' ? exitCode.badInput : exitCode.failed, failure);
  const output = evidenceRef === undefined ? [] : [`  Its output: ${blobFile(home, evidenceRef)}`];
  return {
    data: status,
    lines: (terminal) => [...ownBranchLines(status, terminal), ...output],
    code: codeOf(state, toTheEnd),
  };
};

const blobFile = (home: string, ref: string): string =>
  isBlobRef(ref) ? join(home, 'blobs', blobPath(ref)) : oneLine(ref);

const codeOf = (state: OwnBranchStatus['state'], toTheEnd: boolean): ExitCode => {
  if (state === 'sentBack') return exitCode.failed;
  // Not there yet: a person pressed Ctrl-C. What the town does goes on.
  const isEarly = toTheEnd ? !isOver(state) : state === 'opening';
  return isEarly ? exitCode.interrupted : exitCode.ok;
};

const mostListed = 20;

const list = async (call: Call<Options>): Promise<Answer> => {
  const { client } = await call.town();
  const ids = await idsOf(client, 'submission', false, mostListed);
  const asked = ids.map((id) =>
    askMaybe<OwnBranchStatus>(client, client.workflow.getHandle(id), 'submissionStatus'),
  );
  const found = (await Promise.all(asked)).filter((status) => status !== undefined);
  return {
    data: found,
    meta: { count: found.length },
    lines: (terminal) =>
      found.length === 0
        ? ['No branch was submitted yet. Send one: `gt submit BRANCH`']
        : found.map((status) => ownBranchLine(status, terminal)),
  };
};
