import type { MayorSettings } from '../../workflows/domain/mayor.ts';
import type { ConfigFile } from './schema.ts';

/** Who plans, with the provider's defaults; undefined when nobody is configured. */
export const mayorOf = ({ roles, models }: ConfigFile): MayorSettings | undefined => {
  const { mayor } = roles;
  if (mayor === undefined) return;
  if (typeof mayor === 'string') {
    return { kind: 'own', model: mayor, callTimeoutMs: models[mayor]?.callTimeout ?? 0 };
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
  };
};
