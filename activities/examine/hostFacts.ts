import type { HostSettings } from '../../workflows/domain/model.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { createAsk, field, positive, records } from '../models/ask.ts';

/** What a model server tells of itself. */
export interface HostFacts {
  /** From the question to the answer, ms. */
  readonly ms: number;
  /** Its make and version, as far as it says. */
  readonly server: string;
  /** Calls at once; undefined when it does not say. */
  readonly slots: number | undefined;
  /** What is in memory now, by Ollama's word; empty for others. */
  readonly loaded: readonly LoadedModel[];
}

export interface LoadedModel {
  readonly name: string;
  /** Bytes in all, and of these in the memory of graphics cards. */
  readonly size: number;
  readonly inGpu: number;
}

const quickMs = 10_000;

/** Asks a server what it is. Throws the failures of a model host. */
export const factsOf = async (
  host: HostSettings,
  apiKey: string | undefined,
  signal: AbortSignal,
): Promise<HostFacts> => {
  const ask = createAsk(host, apiKey);
  const get = (path: string): Promise<unknown> => ask({ method: 'GET', path, timeoutMs: quickMs }, signal);
  const begun = performance.now();
  const first = await get(host.kind === 'ollama' ? '/api/ps' : '/v1/models');
  const ms = Math.max(1, Math.round(performance.now() - begun));
  if (host.kind === 'ollama') {
    const version = await get('/api/version').catch(() => undefined);
    return {
      ms,
      server: `Ollama ${textOf(field(version, 'version'))}`.trim(),
      slots: undefined,
      loaded: loadedIn(first),
    };
  }
  const props = await get('/props').catch(() => undefined);
  signal.throwIfAborted();
  const build = textOf(field(props, 'build_info'));
  const owner = textOf(field(records(first, 'data')[0], 'owned_by'));
  const server =
    props === undefined
      ? `an OpenAI-compatible server${owner === '' ? '' : ` (${owner})`}`
      : `llama.cpp ${build}`.trim();
  return { ms, server, slots: positive(field(props, 'total_slots')), loaded: [] };
};

const loadedIn = (answer: unknown): LoadedModel[] =>
  records(answer, 'models').flatMap((entry) => {
    const size = positive(field(entry, 'size'));
    if (size === undefined) return [];
    return [{ name: textOf(field(entry, 'name')), size, inGpu: positive(field(entry, 'size_vram')) ?? 0 }];
  });

const textOf = (value: unknown): string => (typeof value === 'string' ? oneLine(value, 60) : '');
