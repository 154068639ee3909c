import { activityInfo, Context, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { isFailureType } from '../../workflows/domain/failure.ts';
import {
  addUsage,
  type HostSettings,
  type ModelSettings,
  noUsage,
  type Usage,
} from '../../workflows/domain/host/model.ts';
import type { Infer, InferencePort, InferProgress, Inferred } from '../../workflows/ports.ts';
import type { Counts } from '../counts/counts.ts';
import { failure } from '../failure.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { TranscriptLine, Transcripts } from '../ledger/transcripts.ts';
import type { Live } from '../live/live.ts';
import { contextFailure } from './answers.ts';
import { type ChatMessage, type ChatReply, chat } from './chat.ts';
import { leaseLost } from './lease.ts';
import { startMeter } from './meter.ts';
import { readPrompt, readTemplate, readTools } from './prompt.ts';
import { type CountedPrompt, type CountPrompt, createPromptCounter } from './promptCounter.ts';
import type { Leave, Slots } from './slots.ts';
import { type Spares, startSpares } from './spares.ts';
import { startTally } from './tally.ts';
import { type TokenGauge, toolTokens } from './tokens.ts';
import { refusesTools } from './toolsRefused.ts';
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
  /** Where people see a reply while it is written. */
  readonly live?: Live | undefined;
  readonly gauge: TokenGauge;
  readonly slots: Slots;
  readonly counts?: Counts | undefined;
  /** How soon replies are expected, by tier, ms. */
  readonly targets?: Readonly<Record<string, number>> | undefined;
  readonly isFresh: () => boolean;
  /** Aborted when the gate must be empty now; its reason is thrown. */
  readonly signal: AbortSignal;
  /** A call began; returns what is called at its end. */
  readonly enter: (request: Infer) => (failed: boolean) => void;
  /** A call failed; the host may need a look. */
  readonly onFailure: (failure: ApplicationFailure) => void;
}

/**
 * The activity `infer`: one model call. Its heartbeat details carry what has been spent, by this attempt and by those that
 * were lost, so that whatever happens the bead can charge it (G7): in the result, in the details of a
 * cancellation, or as the second detail of a failure, after its `Failure`.
 */
export const createInference = (deps: InferDeps): InferencePort => {
  const count = createPromptCounter(deps.host, deps.model, deps.apiKey);
  return { infer: (request) => inferOnce(deps, count, request) };
};

const inferOnce = async (deps: InferDeps, count: CountPrompt, request: Infer): Promise<Inferred> => {
  const { lost, own, progress, spend, stop } = startMeter(
    (usage): InferProgress => ({ usage, host: deps.host.name }),
    deps.model.price,
  );
  const started = performance.now();
  const done = deps.enter(request);
  let isDone = false;
  const { counts, host, model, targets } = deps;
  const tally = startTally({
    ...{ counts, host: host.name, model: model.key, role: request.role },
    ...{ tier: model.tier, targetMs: targets?.[model.tier] },
  });
  const signal = AbortSignal.any([cancellationSignal(), deps.signal]);
  let seat: Leave | undefined;
  let known: Known = {};
  let spares: Spares | undefined;
  let first = noUsage;
  try {
    seat = await deps.slots.enter(signal);
    tally.entered(seat.slot);
    const text = await deps.blobs.get(request.promptRef);
    const messages = readPrompt(text, request.promptRef);
    known = readTemplate(text);
    // The last look before the host is touched (G8), and once more when counting took its time.
    if (!deps.isFresh()) throw leaseLost('lost');
    const counted = await count(messages, signal);
    if (counted !== undefined) known = { ...known, countedTokens: counted.tokens };
    if (!deps.isFresh()) throw leaseLost('lost');
    const prompt = { messages, counted, tools: readTools(text) };
    checkRoom(deps, request, prompt);
    const charged = (usage: Usage): void => {
      first = usage;
      spend(addUsage(first, spares?.usage() ?? noUsage));
    };
    spares = startSpares((request.samples ?? 1) - 1, deps.slots, signal, (more) =>
      tally.spare(more.slot, () =>
        call(livelier(deps), request, prompt, more.signal, (usage) => {
          more.onUsage(usage);
          charged(first);
        }),
      ),
    );
    const reply = await call(deps, request, prompt, signal, charged);
    const replyRef = await deps.blobs.put(reply.text);
    const { finish, ms, firstTokenMs } = reply;
    // What was paid for must be handed in before the server gives the call up.
    const left = activityInfo().startToCloseTimeoutMs - (performance.now() - started) - handInMs;
    const others = await spares.within(Math.max(0, Math.min(reply.ms + patienceMs, left)));
    charged(first);
    const usage = own();
    // One that was cut would only be refused.
    const whole = others.filter(({ finish: end }) => end !== 'length');
    const refs = await Promise.all(whole.map(({ text: other }) => deps.blobs.put(other)));
    const spareRefs = [...new Set(refs)].filter((ref) => ref !== replyRef);
    const more = spareRefs.length === 0 ? {} : { spareRefs };
    tally.ended(finish, usage);
    isDone = true;
    const told = { ...known, ...tally.where(), outcome: finish, replyRef, usage, ms, firstTokenMs, ...more };
    await write(deps, request, told);
    return {
      replyRef,
      finish,
      host: deps.host.name,
      usage: addUsage(lost, usage),
      ms,
      firstTokenMs,
      ...more,
    };
  } catch (error) {
    await spares?.stop();
    const failed = explain(error, progress());
    const outcome = failed instanceof ApplicationFailure ? (failed.type ?? 'HostDown') : 'cancelled';
    const ms = performance.now() - started;
    const failure = failed instanceof Error ? { failure: failed.message.split('\n', 1)[0] ?? '' } : {};
    tally.ended(outcome, own());
    await write(deps, request, { ...known, ...tally.where(), outcome, usage: own(), ms, ...failure });
    if (failed instanceof ApplicationFailure) deps.onFailure(failed);
    throw failed;
  } finally {
    stop();
    seat?.();
    done(!isDone);
  }
};

/** How long a further reply may take beyond the first one, and as long again as that took. */
const patienceMs = 30_000;
/** From the end of the last reply to the end of the call. */
const handInMs = 5_000;

/** Another draw of the same prompt is worth its cost only where it may differ. */
const livelier = (deps: InferDeps): InferDeps => ({
  ...deps,
  // People see one reply at a time.
  live: undefined,
  model: { ...deps.model, temperature: Math.min(2, Math.max(0.7, deps.model.temperature + 0.3)) },
});

/** What is known of a prompt before it is sent. */
type Known = Pick<TranscriptLine, 'template' | 'countedTokens'>;

/** Nothing goes to a server that would not fit with the whole reply into the context that the model entry promises. */
const checkRoom = (
  { host, model, gauge }: InferDeps,
  request: Infer,
  { counted, tools }: Pick<Prompt, 'counted' | 'tools'>,
): void => {
  // A reply that might take more than half of it is not what a prompt is measured by.
  const room = model.context - Math.min(model.maxTokens, model.context / 2);
  // Tokenizers count messages only, and what a server makes of tools stands in the prompt as well.
  const tokens =
    counted === undefined
      ? Math.round(gauge.expected(request.estimatedTokens))
      : counted.tokens + toolTokens(tools);
  if (tokens <= room) return;
  const by =
    counted?.by ?? `an estimate of ${request.estimatedTokens}, corrected by what the host counted before`;
  const evidence = `${tokens} tokens by ${by}; context ${model.context}, of which maxTokens ${model.maxTokens} are the reply's`;
  const asked = { host, model, url: `POST ${host.url}/v1/chat/completions` };
  throw contextFailure(asked, { prompt: tokens, context: undefined }, evidence);
};

interface Prompt {
  readonly messages: readonly ChatMessage[];
  readonly counted: CountedPrompt | undefined;
  readonly tools: readonly object[];
}

/** A server that cannot offer tools is asked without: the prompt says how to answer then. */
const call = async (
  deps: InferDeps,
  request: Infer,
  prompt: Prompt,
  signal: AbortSignal,
  onUsage: (usage: Usage) => void,
): Promise<ChatReply> => {
  try {
    return await callOnce(deps, request, prompt, signal, onUsage);
  } catch (error) {
    if (prompt.tools.length === 0 || !refusesTools(error)) throw error;
    const estimatedTokens = request.estimatedTokens - toolTokens(prompt.tools);
    return callOnce(deps, { ...request, estimatedTokens }, { ...prompt, tools: [] }, signal, onUsage);
  }
};

const callOnce = async (
  deps: InferDeps,
  request: Infer,
  { messages, counted, tools }: Prompt,
  signal: AbortSignal,
  onUsage: (usage: Usage) => void,
): Promise<ChatReply> => {
  const { host, model, apiKey, gauge } = deps;
  const { estimatedTokens } = request;
  // From here on the call is charged, even if this process is killed before the server answers.
  onUsage({
    calls: 1,
    promptTokens: counted?.tokens ?? estimatedTokens,
    completionTokens: 0,
    estimated: true,
  });
  const countedTokens = counted === undefined ? {} : { countedTokens: counted.tokens };
  const who = `${request.role === undefined ? '' : `${request.role} `}${model.key} on ${host.name}`;
  const log = deps.live?.turn(request.bead, `turn ${request.turn}, ${who}`);
  try {
    return await chat({
      ...{ host, model, messages, tools, estimatedTokens, ...countedTokens },
      ...{ apiKey, gauge, signal, onUsage, onText: log?.write },
    });
  } finally {
    await log?.end();
  }
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
  { turn, promptRef, bead, estimatedTokens, role, conversation }: Infer,
  what: Known & Partial<TranscriptLine> & Pick<TranscriptLine, 'outcome' | 'usage' | 'ms'>,
): Promise<void> => {
  const { attempt } = activityInfo();
  const call = { at: Date.now(), turn, attempt, model: model.key, host: host.name, promptRef };
  const told = {
    ...(role === undefined ? {} : { role }),
    ...(conversation === undefined ? {} : { conversation }),
  };
  const line: TranscriptLine = { ...call, estimatedTokens, ...told, ...what };
  await transcript.append(bead, line).catch((error: unknown) => {
    Context.current().log.warn('transcript not written', { error: String(error) });
  });
};
