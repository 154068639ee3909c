import { ApplicationFailure } from '@temporalio/common';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import { chat } from './chat.ts';
import { createTokenGauge } from './tokens.ts';

/**
 * The smallest real call, on the way that all calls go: the only proof that a model answers. Lists and health pages stay
 * green while a scheduler hangs or a runner is dead. Throws what the call throws.
 */
export const generateOnce = async (
  host: HostSettings,
  model: ModelSettings,
  apiKey: string | undefined,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await chat({
      host,
      model: { ...model, maxTokens: 1 },
      messages: [{ role: 'user', content: 'hi' }],
      estimatedTokens: 1,
      apiKey,
      gauge: createTokenGauge(),
      signal,
      onUsage: () => undefined,
    });
  } catch (error) {
    // A server that takes no notice of max_tokens does generate.
    if (error instanceof ApplicationFailure && error.type === 'ReplyEndless') return;
    throw error;
  }
};
