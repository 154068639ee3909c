import type { MayorSettings } from '../../workflows/domain/plan/mayor.ts';
import { priceOf } from './price.ts';
import type { ConfigFile } from './schema.ts';

/** Who plans, with the provider's defaults; undefined when nobody is configured. */
export const mayorOf = ({ roles, models }: ConfigFile): MayorSettings | undefined => {
  const { mayor } = roles;
  if (mayor === undefined) return;
  if (typeof mayor === 'string') {
    const model = models[mayor];
    return { kind: 'own', model: mayor, callTimeoutMs: model?.callTimeout ?? 0, ...priceOf(model) };
  }
  const { provider, model, baseUrl, maxTokens, timeout } = mayor;
  return {
    kind: 'cloud',
    provider,
    model,
    baseUrl,
    apiVersion: mayor.apiVersion ?? 'v1',
    apiKeyEnv: mayor.apiKeyEnv ?? (provider === 'gemini' ? 'GEMINI_API_KEY' : undefined),
    maxTokens,
    callTimeoutMs: timeout,
    ...priceOf(mayor),
  };
};
