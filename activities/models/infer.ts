import { activityInfo, Context, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { isFailureType } from '../../workflows/domain/failure.ts';
import { addUsage, type HostSettings, type ModelSettings, type Usage } from '../../workflows/domain/model.ts';
import type { Infer, InferencePort, InferProgress } from '../../workflows/ports.ts';
import { failure } from '../failure.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { TranscriptLine, Transcripts } from '../ledger/transcripts.ts';
import { type ChatMessage, chat } from './chat.ts';
import { leaseLost } from './lease.ts';
import { startMeter } from './meter.ts';
import { readPrompt } from './prompt.ts';
import type { Slots } from './slots.ts';
import type { TokenGauge } from './tokens.ts';
import { isWorkerStop } from './workerStop.ts';

/** Where every call of a bead leaves a line. */
export type Transcript = Pick<Transcripts, 'append'>;

/** One host's open gate for one model, as the calls behind it see it. */
export interface InferDeps {
  readonly host: HostSettings;
  readonly model: ModelSettings;
  readonly apiKey: string | undefined;
  readonly blobs: Blobs;
  readonly transcript: Transcript;
  readonly gauge: TokenGauge;
  readonly slots: Slots;
  readonly isFresh: () => boolean;
  /** Aborted when the gate must be empty now; its reason is thrown. */
  readonly signal: AbortSignal;
  /** A call began; returns what is called at its end. */
  readonly enter: () => () => void;
  /** A call failed; the host may need a look. */
  readonly onFailure: (failure: ApplicationFailure) => void;
}

/**
 * The activity `infer`: one model call. Its heartbeat details carry what has been spent, by this attempt and by those that
 * were lost, so that whatever happens the bead can charge it (G7): in the result, in the details of a
 * cancellation, or as the second detail of a failure, after its `Failure`.
 */
export const createInference = (deps: InferDeps): InferencePort => ({
  async infer(request) {
    const { lost, own, progress, spend, stop } = startMeter(
      (usage): InferProgress => ({ usage, host: deps.host.name }),
    );
    const started = performance.now();
    const done = deps.enter();
    const signal = AbortSignal.any([cancellationSignal(), deps.signal]);
    let free = (): void => undefined;
    try {
      free = await deps.slots.enter(signal);
      const messages = readPrompt(await deps.blobs.get(request.promptRef), request.promptRef);
      // The last look before the host is touched (G8).
      if (!deps.isFresh()) throw leaseLost('lost');
      const reply = await call(deps, request, messages, signal, spend);
      const replyRef = await deps.blobs.put(reply.text);
      const { finish, usage, ms, firstTokenMs } = reply;
      await write(deps, request, { outcome: finish, replyRef, usage, ms, firstTokenMs });
      return { replyRef, finish, host: deps.host.name, usage: addUsage(lost, usage), ms, firstTokenMs };
    } catch (error) {
      const failed = explain(error, progress());
      const outcome = failed instanceof ApplicationFailure ? (failed.type ?? 'HostDown') : 'cancelled';
      const ms = performance.now() - started;
      const failure = failed instanceof Error ? { failure: failed.message.split('\n', 1)[0] ?? '' } : {};
      await write(deps, request, { outcome, usage: own(), ms, ...failure });
      if (failed instanceof ApplicationFailure) deps.onFailure(failed);
      throw failed;
    } finally {
      stop();
      free();
      done();
    }
  },
});

const call = (
  deps: InferDeps,
  request: Infer,
  messages: readonly ChatMessage[],
  signal: AbortSignal,
  onUsage: (usage: Usage) => void,
) => {
  const { host, model, apiKey, gauge } = deps;
  const { estimatedTokens } = request;
  // From here on the call is charged, even if this process is killed before the server answers.
  onUsage({ calls: 1, promptTokens: estimatedTokens, completionTokens: 0, estimated: true });
  return chat({ host, model, messages, estimatedTokens, apiKey, gauge, signal, onUsage });
};

/** The error to throw: it says what was spent. */
const explain = (error: unknown, progress: InferProgress): unknown => {
  if (cancellationSignal().aborted && !isWorkerStop(cancellationSignal().reason))
    return new CancelledFailure('the call was cancelled', [progress]);
  // Cancelled by the gate's Worker, which is shutting down, not by the workflow: the call goes on elsewhere.
  const cause = cancellationSignal().aborted ? leaseLost('closed') : error;
  if (!(cause instanceof ApplicationFailure)) return cause;
  return ApplicationFailure.create({
    type: cause.type ?? 'HostDown',
    message: cause.message,
    nonRetryable: cause.nonRetryable ?? false,
    details: [cause.details?.[0] ?? plain(cause), withRest(progress, cause)],
    ...(cause.cause === undefined ? {} : { cause: cause.cause }),
  });
};

/** The bead repeats the call itself, and sees no retry delay. */
const withRest = (progress: InferProgress, { nextRetryDelay }: ApplicationFailure): InferProgress =>
  typeof nextRetryDelay === 'number' ? { ...progress, retryAfterMs: nextRetryDelay } : progress;

const plain = (error: ApplicationFailure) =>
  failure(isFailureType(error.type) ? error.type : 'HostDown', {
    what: error.message,
    next: 'Read the log of the worker.',
  });

/** Keeps failed calls too. A transcript that cannot be written must not cost a reply that was paid for. */
const write = async (
  { transcript, model, host }: InferDeps,
  { turn, promptRef, bead }: Infer,
  what: Pick<TranscriptLine, 'outcome' | 'usage' | 'ms' | 'replyRef' | 'firstTokenMs' | 'failure'>,
): Promise<void> => {
  const { attempt } = activityInfo();
  const line = { at: Date.now(), turn, attempt, model: model.key, host: host.name, promptRef, ...what };
  await transcript.append(bead, line).catch((error: unknown) => {
    Context.current().log.warn('transcript not written', { error: String(error) });
  });
};
