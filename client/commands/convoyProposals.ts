import type { Client } from '@temporalio/client';
import { type Command, Option } from 'commander';
import { taskBlobs } from '../../deploy/town/taskBlobs.ts';
import { acceptedBead, type BoardProposal } from '../../workflows/domain/bead/proposal.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { ConvoyStatus, EpicStatus } from '../../workflows/domain/report/report.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { lookAtConvoy } from '../lookAtConvoy.ts';
import { type Found, proposalLines, proposalPlan, type Told } from '../render/proposals.ts';
import { readTarget } from '../targets.ts';
import { ClientError, isNotFound } from '../trouble.ts';

interface ListOptions {
  readonly plan?: boolean;
  /** An older word for the same. */
  readonly yaml?: boolean;
  readonly all?: boolean;
}

export const addProposals = (convoy: Command): void => {
  convoy
    .command('proposals')
    .argument('<convoy>')
    .summary('work that polecats found beside their own')
    .description(
      'Shows the beads (tasks) that polecats (worker agents) propose: what they noticed and were not asked to do. ' +
        'Nothing of it starts without you. While the epic (goal) runs, accept or dismiss them; once it has ended, launch ' +
        'them as a plan of their own. Such a plan holds titles, tasks and files; never commands, gates or approvals.',
    )
    .option('--all', 'those that were accepted or dismissed, too')
    .option('--plan', 'as a plan in YAML that you can edit and launch')
    .addOption(new Option('--yaml').hideHelp())
    .addHelpText(
      'after',
      '\nExamples:\n  gt convoy proposals demo\n  gt convoy proposals demo --plan > next.yaml && gt convoy launch next.yaml',
    )
    .action(answering(list));
  convoy
    .command('accept')
    .argument('<convoy>')
    .argument('[ids...]', 'proposals, as `gt convoy proposals` names them')
    .summary('add proposed beads to their running epic')
    .description(
      'Adds proposed beads (tasks) to the epic that they were found in. Each waits for the bead that found it to land.',
    )
    .option('--all', 'every one that waits')
    .addHelpText('after', '\nExample:\n  gt convoy accept demo reject-empty-names-3fa2c')
    .action(answering(accept));
  convoy
    .command('dismiss')
    .argument('<convoy>')
    .argument('[ids...]', 'proposals, as `gt convoy proposals` names them')
    .summary('take proposed beads off the board')
    .description('Takes proposed beads (tasks) off the board. Their text stays in the blobs of the town.')
    .option('--all', 'every one that waits')
    .addHelpText('after', '\nExample:\n  gt convoy dismiss demo --all')
    .action(answering(dismiss));
};

const list = async (call: Call<ListOptions>, name: string): Promise<Answer> => {
  const { convoy } = readTarget(name, ['convoy']);
  const town = await call.town();
  const status = await lookAtConvoy(town.client, convoy, 'epics');
  const { all = false, plan = false, yaml = false } = call.options;
  const shown = found(status).filter(({ proposal }) => all || proposal.state === 'waiting');
  const [ended, told] = await Promise.all([
    endedEpics(town.client, shown),
    withTasks(taskBlobs(town.home), shown),
  ]);
  const data = told.map(({ epic, proposal, task }) => ({
    ...{ epic: epic.epic, rig: epic.rig, ended: ended.has(epic.epic) },
    ...proposal,
    task,
  }));
  // A redirected plan without beads would only fail later.
  if ((plan || yaml) && told.every(({ task }) => task === undefined)) throw nothingToPlan(convoy);
  return {
    data,
    meta: { count: data.length, ended: [...ended] },
    asIs: plan || yaml,
    lines: (terminal) =>
      plan || yaml ? proposalPlan(convoy, told) : proposalLines({ convoy, told, ended }, terminal),
  };
};

/** Epics of these that do not run any more: nobody is there to add a bead to. */
const endedEpics = async (client: Client, shown: readonly Found[]): Promise<ReadonlySet<string>> => {
  const epics = [...new Map(shown.map(({ epic }) => [epic.epic, epic])).values()];
  const ended = await Promise.all(
    epics.map(async ({ convoy, epic }) => {
      const handle = client.workflow.getHandle(workflowId.epic(convoy, epic));
      const described = await within(client, () => handle.describe()).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
      return described?.status.name === 'RUNNING' ? [] : [epic];
    }),
  );
  return new Set(ended.flat());
};

const withTasks = (blobs: ReturnType<typeof taskBlobs>, shown: readonly Found[]): Promise<readonly Told[]> =>
  Promise.all(shown.map(async (one) => ({ ...one, task: await blobs.get(one.proposal.taskRef) })));

const accept = async (call: Call<ListOptions>, name: string, ids?: readonly string[]): Promise<Answer> => {
  const { addBeads } = await import('../../workflows/messages.ts');
  const { convoy, wanted } = await decide(call, name, ids, {
    tell: (handle, epic, ones) => {
      const state = (bead: string) => epic.beads.find((one) => one.bead === bead)?.state;
      const beads = ones.map(({ proposal }) => acceptedBead(proposal, state(proposal.from)));
      return handle.executeUpdate(addBeads, { args: [beads] });
    },
    next: (of) =>
      `Launch them as a plan of their own: gt convoy proposals ${of} --plan > next.yaml; gt convoy launch next.yaml`,
  });
  return {
    data: { convoy, accepted: wanted.map(({ proposal }) => proposal.id) },
    lines: () => wanted.map(({ epic, proposal }) => `${convoy}/${epic.epic}/${proposal.id} was added.`),
  };
};

const dismiss = async (call: Call<ListOptions>, name: string, ids?: readonly string[]): Promise<Answer> => {
  const { dismissProposals } = await import('../../workflows/messages.ts');
  const { convoy, wanted } = await decide(call, name, ids, {
    tell: (handle, _, ones) =>
      handle.executeUpdate(dismissProposals, { args: [ones.map(({ proposal }) => proposal.id)] }),
    next: () =>
      'Nothing has to be done: a proposal that nobody accepts starts nothing. The letter about them goes with `gt inbox clear`.',
  });
  return {
    data: { convoy, dismissed: wanted.map(({ proposal }) => proposal.id) },
    lines: () => wanted.map(({ proposal }) => `${proposal.id} was dismissed.`),
  };
};

interface Decision {
  /** Tells one epic what becomes of its proposals. */
  readonly tell: (handle: Handle, epic: EpicStatus, ones: readonly Found[]) => Promise<unknown>;
  /** What a person may do when the epic of a convoy has ended. */
  readonly next: (convoy: string) => string;
}

/** Carries a decision on the named proposals to the epics that they were found in. */
const decide = async (
  call: Call<ListOptions>,
  name: string,
  ids: readonly string[] = [],
  { tell, next }: Decision,
): Promise<{ readonly convoy: string; readonly wanted: readonly Found[] }> => {
  const { convoy } = readTarget(name, ['convoy']);
  const { client } = await call.town();
  const wanted = await waiting(client, convoy, ids, call.options.all === true);
  for (const [epic, ones] of Map.groupBy(wanted, (one) => one.epic))
    await toEpic(client, epic, (handle) => tell(handle, epic, ones), next(convoy));
  return { convoy, wanted };
};

const found = (status: ConvoyStatus): readonly Found[] =>
  status.epics.flatMap((epic) => (epic.proposals ?? []).map((proposal) => ({ epic, proposal })));

/** The proposals that were named, all of which must wait. */
const waiting = async (
  client: Client,
  convoy: string,
  ids: readonly string[],
  all: boolean,
): Promise<readonly Found[]> => {
  const open = found(await lookAtConvoy(client, convoy, 'epics')).filter(
    ({ proposal }) => proposal.state === 'waiting',
  );
  if (ids.length > 0 === all) {
    throw new ClientError(exitCode.badInput, {
      type: 'BadCommandLine',
      what: 'Name proposals, or say --all; not both.',
      evidence: `waiting in convoy ${convoy}: ${open.map(({ proposal }) => proposal.id).join(', ') || 'none'}`,
      next: `See them with \`gt convoy proposals ${convoy}\`.`,
    });
  }
  const unknown = ids.filter((id) => !open.some(({ proposal }) => proposal.id === id));
  if (unknown.length === 0 && open.length > 0)
    return all ? open : open.filter(({ proposal }) => ids.includes(proposal.id));
  throw new ClientError(exitCode.badInput, {
    type: 'NotFound',
    what:
      unknown.length > 0
        ? `No such proposal waits in convoy ${convoy}: ${JSON.stringify(unknown).slice(1, -1).slice(0, 200)}`
        : `No proposal waits in convoy ${convoy}.`,
    evidence: `waiting: ${open.map(({ proposal }: { proposal: BoardProposal }) => proposal.id).join(', ') || 'none'}`,
    next: `See them with \`gt convoy proposals ${convoy}\`.`,
  });
};

type Handle = ReturnType<Client['workflow']['getHandle']>;

const toEpic = async (
  client: Client,
  { convoy, epic }: EpicStatus,
  tell: (handle: Handle) => Promise<unknown>,
  next: string,
): Promise<void> => {
  try {
    await within(client, () => tell(client.workflow.getHandle(workflowId.epic(convoy, epic))));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new ClientError(exitCode.refused, {
      type: 'EpicOver',
      what: `The epic ${convoy}/${epic} has ended, so its proposals are as they are.`,
      evidence: `workflow ${workflowId.epic(convoy, epic)}: none runs`,
      next,
    });
  }
};

const nothingToPlan = (convoy: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NotFound',
    what: `No proposal waits in convoy ${convoy}, so there is nothing to make a plan of.`,
    evidence: '',
    next: `See those that were decided on with \`gt convoy proposals ${convoy} --all\`.`,
  });
