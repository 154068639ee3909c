import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import type { TownConfig } from '../../deploy/config/index.ts';
import { convoySettings } from '../../deploy/plan/index.ts';
import { taskBlobs } from '../../deploy/town/taskBlobs.ts';
import type { Failure } from '../../workflows/domain/failure.ts';
import { type BeadRef, beadKey, taskQueue, workflowId } from '../../workflows/domain/naming.ts';
import type { Pace } from '../../workflows/domain/pace.ts';
import type { OwnMayor } from '../../workflows/domain/plan/mayor.ts';
import { type SeanceInput, type SeanceResult, seanceCalls } from '../../workflows/domain/seance.ts';
import { exitCode } from '../exitCodes.ts';
import { readTranscript } from '../transcript.ts';
import { ClientError } from '../trouble.ts';

export interface AskMedium {
  readonly config: TownConfig;
  readonly client: Client;
  readonly home: string;
  readonly ref: BeadRef;
  readonly medium: OwnMayor;
  readonly question: string;
  readonly pace?: Pace;
  /** Nobody waits for the answer any more: the call is ended. */
  readonly signal?: AbortSignal;
}

export interface Said {
  readonly text: string;
  readonly result: SeanceResult;
  /** Id of the workflow that asked. */
  readonly id: string;
}

/** Asks, and waits for the answer. What kept it from coming is thrown as the town tells it. */
export const askMedium = async (asked: AskMedium): Promise<Said> => {
  const { home, signal } = asked;
  const handle = await start(asked);
  const end = (): void => void handle.cancel().catch(() => undefined);
  signal?.addEventListener('abort', end, { once: true });
  try {
    const result = await handle.result();
    const text = (await taskBlobs(home).get(result.replyRef)) ?? '';
    return { text, result, id: handle.workflowId };
  } catch (error) {
    throw signal?.aborted === true ? interrupted(asked) : (failureIn(error) ?? error);
  } finally {
    signal?.removeEventListener('abort', end);
  }
};

type Handle = WorkflowHandle<(input: SeanceInput) => Promise<SeanceResult>>;

const start = async ({ client, config, home, ref, medium, question, pace }: AskMedium): Promise<Handle> => {
  const questionRef = await taskBlobs(home).put(question);
  const settings = convoySettings(
    { ...config, limits: { ...config.limits, tokensPerConvoy: undefined } },
    { pace },
  );
  const before = (await readTranscript(home, beadKey(seanceCalls(ref)))).length;
  for (let number = before + 1; ; number++) {
    const input: SeanceInput = { ref, questionRef, medium, number, settings };
    try {
      return await client.workflow.start<(input: SeanceInput) => Promise<SeanceResult>>('seance', {
        workflowId: workflowId.seance(ref, number),
        taskQueue: taskQueue.town,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        priority: { priorityKey: 2 },
      });
    } catch (error) {
      // Asked at the same time by somebody else, or before without a call.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError) || number > before + 1_000) throw error;
    }
  }
};

const failureIn = (error: unknown): ClientError | undefined => {
  if (!(error instanceof WorkflowFailedError)) return;
  // The innermost failure with three parts is the town's own word on it.
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    const [failure] = 'details' in cause && Array.isArray(cause.details) ? (cause.details as Failure[]) : [];
    if (failure?.what !== undefined) return new ClientError(exitCode.failed, failure);
  }
  return;
};

const interrupted = ({ ref }: AskMedium): ClientError =>
  new ClientError(exitCode.interrupted, {
    type: 'Interrupted',
    what: 'The question was taken back before its answer came.',
    evidence: `gt seance ${beadKey(ref)}`,
    next: 'Ask it again; what the call had cost by then is charged.',
  });
