import type { Command } from 'commander';
import type { Failure } from '../../workflows/domain/failure.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { BeadStatus, EpicStatus, RefineryStatus } from '../../workflows/domain/report.ts';
import type { Answer } from '../answer.ts';
import { askMaybe, within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { type ExitCode, exitCode } from '../exitCodes.ts';
import { queuesOf } from '../queues.ts';
import type { Reached } from '../reach.ts';
import { beadLinePage, beadPage } from '../render/beadPage.ts';
import { stoppedLines } from '../render/townPage.ts';
import { type BeadTarget, handleOf, readTarget, unknownTarget } from '../targets.ts';
import { isNotFound } from '../trouble.ts';
import { addBeadDiff } from './beadDiff.ts';
import { addBeadLog } from './beadLog.ts';

export const addBead = (program: Command): void => {
  const bead = program
    .command('bead')
    .summary('look at one bead')
    .description(
      'A bead is one task: small enough for one polecat (worker agent), one branch and one landing.',
    );
  bead
    .command('show')
    .argument('<bead>', 'CONVOY/EPIC/BEAD')
    .summary('all that the town knows of a bead')
    .description(
      'Shows state, cost and caps of a bead, and what it waits for or why it is blocked (then exits with 1).',
    )
    .addHelpText('after', '\nExample:\n  gt bead show demo/core/parser')
    .action(answering(show));
  addBeadLog(bead);
  addBeadDiff(bead);
};

const show = async (call: Call<object>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['bead']);
  const town = await call.town();
  try {
    const own = await within(town.client, () =>
      handleOf(town.client, target).query<BeadStatus>('beadStatus'),
    );
    const status = { ...own, failure: await nowTrue(town, target, own) };
    const queues = own.state === 'queued' ? await queueOf(town, target) : [];
    return {
      data: status,
      lines: (terminal) => [...beadPage(status, terminal), ...stoppedLines(queues, terminal)],
      code: codeOf(status.state),
    };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return await showWaiting(town, target);
  }
};

/** What a blocked bead said last holds as long as its epic lives; the epic knows what helps afterwards. */
const nowTrue = async (
  { client }: Reached,
  { convoy, epic, bead }: BeadTarget,
  { failure }: BeadStatus,
): Promise<Failure | undefined> => {
  if (failure === undefined) return;
  const handle = client.workflow.getHandle(workflowId.epic(convoy, epic));
  const board = await askMaybe<EpicStatus>(client, handle, 'epicStatus');
  const line = board?.beads.find((one) => one.bead === bead);
  return { ...failure, next: line?.failure?.next ?? failure.next };
};

/** What a queued bead waits behind. */
const queueOf = async (
  { client }: Reached,
  { convoy, epic }: BeadTarget,
): Promise<readonly RefineryStatus[]> => {
  const handle = client.workflow.getHandle(workflowId.epic(convoy, epic));
  const board = await askMaybe<EpicStatus>(client, handle, 'epicStatus');
  return board === undefined ? [] : await queuesOf(client, { rigs: [board] });
};

/** A bead whose needs have not landed has no workflow yet; its epic knows it. */
const showWaiting = async ({ client }: Reached, target: BeadTarget): Promise<Answer> => {
  const handle = client.workflow.getHandle(workflowId.epic(target.convoy, target.epic));
  const epic = await within(client, () => handle.query<EpicStatus>('epicStatus'));
  const line = epic.beads.find(({ bead }) => bead === target.bead);
  if (line === undefined)
    throw unknownTarget(target, `its epic has: ${epic.beads.map(({ bead }) => bead).join(', ')}`);
  return { data: line, lines: (terminal) => beadLinePage(line, terminal), code: codeOf(line.state) };
};

const codeOf = (state: string): ExitCode =>
  ['blocked', 'cancelled', 'held'].includes(state) ? exitCode.failed : exitCode.ok;
