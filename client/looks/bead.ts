import type { Failure } from '../../workflows/domain/failure.ts';
import { beadKey, workflowId } from '../../workflows/domain/naming.ts';
import type { BeadStatus, EpicStatus, RefineryStatus } from '../../workflows/domain/report/report.ts';
import { waitsForText } from '../../workflows/domain/report/waitsFor.ts';
import type { Answer } from '../answer.ts';
import { askMaybe, within } from '../ask.ts';
import type { Call } from '../call.ts';
import { type ExitCode, exitCode } from '../exitCodes.ts';
import { queuesOf } from '../queues.ts';
import type { Reached } from '../reach.ts';
import { beadLinePage, beadPage } from '../render/beadPage.ts';
import { stoppedLines } from '../render/townPage.ts';
import { type BeadTarget, handleOf, readTarget } from '../targets.ts';
import { isNotFound } from '../trouble.ts';
import { unknownBead } from '../unknownName.ts';

/** The answer of `gt bead show`. */
export const beadShow = async (call: Call<object>, name: string): Promise<Answer> => {
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
    throw unknownBead(
      target.name,
      epic.beads.map(({ bead }) => beadKey({ ...target, bead })),
    );
  const waitsFor = waitsForText(line, epic);
  return {
    data: { ...line, ...(waitsFor === undefined ? {} : { waitsFor }) },
    lines: (terminal) => beadLinePage(line, terminal, waitsFor),
    code: codeOf(line.state),
  };
};

const codeOf = (state: string): ExitCode =>
  ['blocked', 'cancelled', 'held'].includes(state) ? exitCode.failed : exitCode.ok;
