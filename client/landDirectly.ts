import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { stopSignals } from '../deploy/town/stopSignals.ts';
import { parseBeadKey, taskQueue, workflowId } from '../workflows/domain/naming.ts';
import {
  type DirectOf,
  type DirectRequest,
  type DirectState,
  type DirectStatus,
  directName,
  isDirectOver,
} from '../workflows/domain/queue/direct.ts';
import { directKey } from '../workflows/domain/queue/directKey.ts';
import type { RefineryStatus } from '../workflows/domain/report/report.ts';
import { longestSummary, markdownText } from '../workflows/domain/text.ts';
import { landAgain } from '../workflows/messages.ts';
import { type Answer, printAside } from './answer.ts';
import { askMaybe, within } from './ask.ts';
import { type ExitCode, exitCode } from './exitCodes.ts';
import { knownBeads } from './knownNames.ts';
import type { Reached } from './reach.ts';
import { directLines, heldLines } from './render/directLanding.ts';
import { ClientError } from './trouble.ts';
import { unknownBead } from './unknownName.ts';

export type Asked = Omit<DirectRequest, 'id'>;

/** Has the town land something directly, or only look, and waits for what comes of it. */
export const landDirectly = async (
  { client, home }: Reached,
  of: DirectOf,
  asked: Asked,
): Promise<Answer> => {
  const request: DirectRequest = { ...asked, id: randomUUID() };
  const key = directKey(of);
  const id = asked.look === true ? workflowId.directLook(key) : workflowId.direct(key);
  const started = await within(client, () =>
    client.workflow.signalWithStart('direct', {
      workflowId: id,
      taskQueue: taskQueue.town,
      args: [{ of, request }],
      signal: landAgain,
      signalArgs: [request],
      staticSummary: markdownText(`land ${directName(of)} directly`, longestSummary),
    }),
  );
  const run = client.workflow.getHandle(id, started.signaledRunId);
  const status = await follow(client, run, request.id);
  const { state, failure } = status;
  if (failure?.type === 'NotFound' && of.kind === 'bead') throw await notKnown(client, of.bead);
  if (failure !== undefined && (state === 'failed' || state === 'refused'))
    throw new ClientError(state === 'refused' ? exitCode.refused : codeOfFailure(failure.type), failure);
  const queue = asked.look === true ? await queueOf(client, status) : undefined;
  return {
    data: { ...status, ...(queue === undefined ? {} : { queue: heldLines(queue) }) },
    lines: (terminal) => directLines(status, queue, home, terminal),
    code: codeOf(status, request.id),
  };
};

/** Looks until this very request is done with; says once what holds it up. */
const follow = async (client: Client, handle: WorkflowHandle, request: string): Promise<DirectStatus> => {
  using signals = stopSignals();
  let isHeldTold = false;
  for (let pause = 50; ; pause = Math.min(2 * pause, 1_000)) {
    const status = await within(client, () => handle.query<DirectStatus>('directStatus'));
    if (status.earlier.includes(request)) throw replaced(status);
    const isOwn = status.id === request;
    if ((isOwn && isDirectOver(status.state)) || signals.drain.aborted) return status;
    if (isOwn && status.state === 'queued' && !isHeldTold) {
      isHeldTold = true;
      const queue = await queueOf(client, status);
      // It may have landed between the two questions: then what closes the queue is itself.
      const isIt = queue?.untested?.bead === directKey(status.of);
      const held = queue === undefined || isIt ? [] : heldLines(queue);
      if (held.length > 0) printAside(...held);
    }
    await sleep(pause, undefined, { signal: signals.drain }).catch(() => {});
  }
};

const replaced = ({ of }: DirectStatus): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'Replaced',
    what: `${directName(of)} was asked to be landed once more, in another way: that one counts.`,
    evidence: 'a newer `gt land --direct` of the same name',
    next: 'See what becomes of it where it was asked for, or with `gt refinery queue`.',
  });

const queueOf = async (client: Client, { rig, target }: DirectStatus): Promise<RefineryStatus | undefined> =>
  rig === undefined || target === undefined
    ? undefined
    : await askMaybe(client, client.workflow.getHandle(workflowId.refinery(rig, target)), 'refineryStatus');

const notKnown = async (client: Client, bead: string): Promise<ClientError> => {
  const ref = parseBeadKey(bead);
  const known = ref === undefined ? [] : await knownBeads(client, ref.convoy, ref.epic).catch(() => []);
  const { trouble } = unknownBead(bead, known);
  return new ClientError(exitCode.badInput, {
    ...trouble,
    next: `${trouble.next} If it is a branch of yours: add --rig RIG.`,
  });
};

const codeOfFailure = (type: string): ExitCode =>
  type === 'RigUnusable' ? exitCode.badInput : exitCode.failed;

const codes: Readonly<Record<DirectState, ExitCode>> = {
  checking: exitCode.interrupted,
  queued: exitCode.interrupted,
  looked: exitCode.ok,
  landed: exitCode.ok,
  refused: exitCode.refused,
  sentBack: exitCode.failed,
  withdrawn: exitCode.failed,
  failed: exitCode.failed,
};

/** Before its end a person pressed Ctrl-C: what the town does goes on. */
const codeOf = ({ id, state, failure }: DirectStatus, request: string): ExitCode => {
  if (id !== request) return exitCode.interrupted;
  return state === 'looked' && failure !== undefined ? exitCode.refused : codes[state];
};
