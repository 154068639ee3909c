import type { Finding, Measured } from '../../workflows/domain/finding.ts';
import type { HostSettings } from '../../workflows/domain/host/model.ts';
import { probe } from '../probe/probe.ts';

/** What one real call has shown of a model. */
export type Proof =
  | ({ readonly ok: true } & Measured)
  /** The finding as every command would tell it. */
  | { readonly ok: false; readonly finding: Finding };

/** Loading a large model from a slow disk takes minutes. */
const loadMs = 15 * 60_000;

/**
 * Has a model of a host generate one token, which loads it, and measures what context one request gets: by the town's own
 * adapters, so that what is written down is what the town will find.
 */
export const proveModel = async (
  host: Pick<HostSettings, 'name' | 'kind' | 'url' | 'apiKeyEnv'>,
  name: string,
): Promise<Proof> => {
  const settings = { ...host, slots: 1, coresident: false, quiet: [] };
  // Nothing is promised yet: room for the one call, which no server's is below.
  const model = {
    ...{ key: 'new', name, context: 512, maxTokens: 1, temperature: 0, tier: 'default', hosts: [host.name] },
    ...{ firstTokenMs: loadMs, idleMs: loadMs, callTimeoutMs: loadMs },
  };
  const place = { home: '/', timeZone: 'UTC', hosts: [settings], models: [model], rigs: [] };
  for await (const finding of probe({ ...place, townOpen: false, thorough: true })) {
    if (finding.measured !== undefined) return { ok: true, ...finding.measured };
    if (finding.level === 'fail') return { ok: false, finding };
  }
  throw new Error(`the probe said nothing of ${name}`);
};
