import { activityInfo, Context, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { addUsage, noUsage } from '../../workflows/domain/host/model.ts';
import type { CloudMayor, MayorSettings } from '../../workflows/domain/plan/mayor.ts';
import { mayShow, planCalls } from '../../workflows/domain/plan/planning.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import type { AskPlanner, PlannerElsewherePort, PlannerProgress } from '../../workflows/ports.ts';
import { type Counts, countTokens, uncounted } from '../counts/counts.ts';
import { fail } from '../failure.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { TranscriptLine, Transcripts } from '../ledger/transcripts.ts';
import { startMeter } from '../models/meter.ts';
import { readPrompt } from '../models/prompt.ts';
import { isWorkerStop } from '../models/workerStop.ts';
import { forbidden } from './composePlanPrompt.ts';
import { askGemini } from './gemini.ts';
import { askOpenai } from './openai.ts';
import { plannerFailure } from './plannerFailure.ts';

export interface PlannerDeps {
  /** As the configuration says; never what a workflow says, which anybody on the server could have written. */
  readonly mayor: MayorSettings | undefined;
  readonly rigs: ReadonlyMap<string, RigSettings>;
  readonly blobs: Blobs;
  readonly transcript: Pick<Transcripts, 'append'>;
  /** Where keys are, by name. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly idleMs?: number;
  readonly counts?: Counts;
}

/** Between two pieces of a reply; before the first one a model may think for as long as the call may take. */
const defaultIdleMs = 120_000;

/**
 * One call of the mayor elsewhere. Its heartbeat details carry what has been spent; they are the second detail of a failure,
 * and the details of a cancellation (G7). The key goes into the request and nowhere else.
 */
export const createAskPlanner = (deps: PlannerDeps): PlannerElsewherePort => ({
  async askPlanner(request) {
    const mayor = cloudMayorOf(deps, request);
    const apiKey = keyOf(deps, mayor);
    const text = await deps.blobs.get(request.promptRef);
    const messages = readPrompt(text, request.promptRef);
    const { lost, own, progress, spend, stop } = startMeter(
      (usage): PlannerProgress => ({ usage }),
      mayor.price,
    );
    const started = performance.now();
    const note = (what: Pick<TranscriptLine, 'outcome' | 'replyRef' | 'failure'>) => {
      const usage = own();
      countTokens(deps.counts ?? uncounted, mayor.model, usage);
      return write(deps, request, mayor, { ...what, usage, ms: performance.now() - started });
    };
    try {
      // From here on the call is charged, even if this process is killed before an answer comes.
      spend({ calls: 1, promptTokens: request.estimatedTokens, completionTokens: 0, estimated: true });
      const ask = mayor.provider === 'gemini' ? askGemini : askOpenai;
      const { estimatedTokens } = request;
      const signal = cancellationSignal();
      const idleMs = deps.idleMs ?? defaultIdleMs;
      const reply = await ask({ mayor, messages, estimatedTokens, apiKey, signal, idleMs, onUsage: spend });
      const replyRef = await deps.blobs.put(reply.text);
      await note({ outcome: reply.finish, replyRef });
      return { replyRef, finish: reply.finish, usage: addUsage(lost, own()) };
    } catch (error) {
      if (isFree(error)) spend(noUsage);
      const failed = explain(error, progress());
      const outcome = failed instanceof ApplicationFailure ? (failed.type ?? 'HostDown') : 'cancelled';
      const failure = failed instanceof Error ? { failure: failed.message.split('\n', 1)[0] ?? '' } : {};
      await note({ outcome, ...failure });
      throw failed;
    } finally {
      stop();
    }
  },
});

const cloudMayorOf = ({ mayor, rigs }: PlannerDeps, request: AskPlanner): CloudMayor => {
  if (mayor?.kind !== 'cloud') {
    throw fail('ModelUnavailable', {
      what: 'The configuration names no mayor outside of the town’s own hosts any more.',
      evidence: `roles.mayor: ${mayor === undefined ? 'not set' : mayor.model}`,
      next: 'Launch the epic again: it goes to the mayor that gastown.yaml names now.',
    });
  }
  if (mayShow(mayor, rigs.get(request.rig)?.cloud ?? 'never') === undefined)
    throw forbidden(request.rig, mayor);
  return mayor;
};

const keyOf = ({ env }: PlannerDeps, mayor: CloudMayor): string | undefined => {
  const { apiKeyEnv } = mayor;
  if (apiKeyEnv === undefined) return;
  const key = env[apiKeyEnv]?.trim();
  if (key !== undefined && key !== '') return key;
  const what = `There is no key for the planner ${mayor.model}.`;
  const evidence = `${apiKeyEnv} is not set where the town runs`;
  throw plannerFailure('HostRefused', mayor, { what, evidence }, undefined);
};

/** Refused before any token was read. */
const isFree = (error: unknown): boolean =>
  error instanceof ApplicationFailure &&
  ['HostRefused', 'HostBusy', 'ModelUnavailable', 'NotAModelServer'].includes(error.type ?? '');

const explain = (error: unknown, progress: PlannerProgress): unknown => {
  if (cancellationSignal().aborted) {
    if (!isWorkerStop(cancellationSignal().reason))
      return new CancelledFailure('the call was cancelled', [progress]);
    return withProgress(workerStopped(), progress);
  }
  return error instanceof ApplicationFailure ? withProgress(error, progress) : error;
};

const withProgress = (failure: ApplicationFailure, progress: PlannerProgress): ApplicationFailure => {
  const { nextRetryDelay } = failure;
  const rest = typeof nextRetryDelay === 'number' ? { retryAfterMs: nextRetryDelay } : {};
  return ApplicationFailure.create({
    type: failure.type ?? 'HostDown',
    message: failure.message,
    nonRetryable: failure.nonRetryable ?? false,
    details: [failure.details?.[0], { ...progress, ...rest }],
    ...(typeof nextRetryDelay === 'number' ? { nextRetryDelay } : {}),
  });
};

const workerStopped = (): ApplicationFailure =>
  fail('WorkerLost', {
    what: 'The worker that asked the planner was stopped.',
    next: 'The call is repeated by the next worker.',
  });

/** A transcript that cannot be written must not cost a reply that was paid for. */
const write = async (
  { transcript }: PlannerDeps,
  { convoy, turn, promptRef }: AskPlanner,
  { model, provider }: CloudMayor,
  what: Pick<TranscriptLine, 'outcome' | 'replyRef' | 'failure' | 'usage' | 'ms'>,
): Promise<void> => {
  const { attempt } = activityInfo();
  const line = { at: Date.now(), turn, attempt, model, host: provider, promptRef, ...what };
  await transcript.append(planCalls(convoy), line).catch((error: unknown) => {
    Context.current().log.warn('transcript not written', { error: String(error) });
  });
};
