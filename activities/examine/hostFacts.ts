import type { HostKind, HostSettings } from '../../workflows/domain/host/model.ts';
import {
  type ListedModel,
  type LoadedModel,
  listedModels,
  loadedModels,
  makerOf,
  ollamaVersion,
  servingIn,
  studioModel,
  unknownMaker,
} from '../../workflows/domain/host/modelServer.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { createAdapter } from '../models/adapters/adapter.ts';
import { createAsk } from '../models/ask.ts';

/** What a model server tells of itself. */
export interface HostFacts {
  /** From the question to the answer, ms. */
  readonly ms: number;
  /** Its make and version, as far as it says. */
  readonly server: string;
  /** What it really is, which the configuration may have wrong. */
  readonly kind: HostKind;
  /** Calls at once; undefined when it does not say. */
  readonly slots: number | undefined;
  /** What is in memory now, by Ollama's word; empty for others. */
  readonly loaded: readonly LoadedModel[];
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
  const maybe = async (path: string): Promise<unknown> => {
    const answer = await get(path).catch(() => undefined);
    signal.throwIfAborted();
    return answer;
  };
  if (host.kind === 'command') return await commandedFacts(host, apiKey, get, signal);
  const begun = performance.now();
  const first = await get(host.kind === 'ollama' ? '/api/ps' : '/v1/models');
  const ms = Math.max(1, Math.round(performance.now() - begun));
  // Ollama has the paths of the others too, and a version of its own.
  const version = ollamaVersion(await maybe('/api/version'));
  if (host.kind === 'ollama' || version !== undefined) {
    const server = `Ollama ${oneLine(version ?? '', 20)}`.trim();
    const loaded = loadedModels(host.kind === 'ollama' ? first : await maybe('/api/ps'));
    return { ms, server, kind: 'ollama', slots: undefined, loaded };
  }
  const listed = listedModels(first);
  const { build, slots } = servingIn(await maybe('/props'));
  const server = build === undefined ? await makerText(listed, maybe) : `llama.cpp ${oneLine(build, 60)}`;
  return { ms, server, kind: 'openai', slots, loaded: [] };
};

/** What a person has said how to load is what that says, whatever else answers there. */
const commandedFacts = async (
  host: HostSettings,
  apiKey: string | undefined,
  get: (path: string) => Promise<unknown>,
  signal: AbortSignal,
): Promise<HostFacts> => {
  const begun = performance.now();
  const listed = listedModels(await get('/v1/models'));
  const ms = Math.max(1, Math.round(performance.now() - begun));
  const resident = await createAdapter(host, apiKey).resident(signal);
  const names = resident.slice(0, 10).map(({ name }) => oneLine(name, 60));
  const told =
    host.commands?.probe === undefined
      ? 'no probe tells what is loaded'
      : `loaded: ${names.join(', ') || 'nothing'}`;
  const server = `${makerOf(listed) ?? unknownMaker}, loaded by commands (${told})`;
  return { ms, server, kind: 'command', slots: undefined, loaded: [] };
};

const makerText = async (
  listed: readonly ListedModel[],
  get: (path: string) => Promise<unknown>,
): Promise<string> => {
  const known = makerOf(listed);
  if (known !== undefined) return known;
  const studio = await get('/api/v0/models');
  if (listed.some(({ name }) => studioModel(studio, name) !== undefined)) return 'LM Studio';
  const owner = listed[0]?.owner;
  return `${unknownMaker}${owner === undefined ? '' : ` (${oneLine(owner, 60)})`}`;
};
