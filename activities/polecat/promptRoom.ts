import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import type { TranscriptLine } from '../ledger/transcripts.ts';

/** Share of the room for a prompt that our own count of tokens may fill: it is an estimate. */
export const fillLevel = 0.75;
/** The same once the model's own counts for this bead are known. */
const knownLevel = 0.95;
/** Calls that are looked back on. */
const mostCalls = 3;

/**
 * Tokens, by our own count, that a prompt may have. Where the last calls of this bead say that the model counts more than we
 * do, less: what does not fit is refused before it is sent. Never more than without such calls.
 */
export const promptRoom = (model: ModelSettings, calls: readonly TranscriptLine[]): number => {
  const room = model.context - model.maxTokens;
  return Math.floor(Math.min(fillLevel * room, (knownLevel * room) / ratioOf(model, calls)));
};

/** How many tokens the model counts for one of ours, by the worst of its last calls; at least one. */
const ratioOf = (model: ModelSettings, calls: readonly TranscriptLine[]): number =>
  Math.max(
    1,
    ...calls
      .filter((call) => call.model === model.key)
      .slice(-mostCalls)
      .map(({ countedTokens, estimatedTokens, usage }) => {
        const counted = countedTokens ?? (usage.estimated ? 0 : usage.promptTokens);
        return estimatedTokens === undefined || estimatedTokens < 200 ? 0 : counted / estimatedTokens;
      }),
  );
