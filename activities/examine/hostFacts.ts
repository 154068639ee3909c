import type { HostKind, HostSettings } from '../../workflows/domain/host/model.ts';
import {
  listedModels,
  makerOf,
  ollamaVersion,
  unknownMaker,
} from '../../workflows/domain/host/modelServer.ts';
import type { HostProbe } from '../../workflows/domain/host/probe.ts';
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
  /** What is in memory now, as far as it tells how much that takes. */
  readonly loaded: readonly InMemory[];
  /** What the town's adapter has found; undefined where the configuration names the wrong kind. */
  readonly probe: HostProbe | undefined;
}

export interface InMemory {
  readonly name: string;
  /** Bytes in all, and of these in the memory of graphics cards. */
  readonly size: number | undefined;
  readonly inGpu: number;
}

const quickMs = 10_000;

/** Asks a server what it is, with the adapter that will work with it. Throws the failures of a model host. */
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
  if (host.kind === 'openai') {
    // Ollama has the paths of the others too, and a version of its own.
    const version = ollamaVersion(await get('/api/version').catch(() => undefined));
    signal.throwIfAborted();
    const found = { ms, server: `Ollama ${oneLine(version ?? '', 20)}`, kind: 'ollama' as const };
    if (version !== undefined) return { ...found, slots: undefined, loaded: [], probe: undefined };
  }
  const probe = await createAdapter(host, apiKey).probe(signal);
  const { slots, resident } = probe;
  return {
    ...{ ms, server: serverText(host, probe, first), kind: host.kind, probe },
    slots: slots.from === 'measured' ? slots.value : undefined,
    loaded: (resident.value ?? []).flatMap(({ name, bytes, inGpu }) =>
      inGpu.value === undefined ? [] : [{ name, size: bytes.value, inGpu: inGpu.value }],
    ),
  };
};

const serverText = (
  { commands }: HostSettings,
  { software, version, resident, flavours }: HostProbe,
  list: unknown,
): string => {
  const listed = listedModels(list);
  if (flavours.includes('command')) {
    const names = (resident.value ?? []).slice(0, 10).map(({ name }) => oneLine(name, 60));
    const told =
      commands?.probe === undefined
        ? 'no probe tells what is loaded'
        : `loaded: ${names.join(', ') || 'nothing'}`;
    return `${makerOf(listed) ?? unknownMaker}, loaded by commands (${told})`;
  }
  if (software.value !== undefined)
    return `${oneLine(software.value, 60)} ${oneLine(version.value ?? '', 60)}`.trim();
  const owner = listed[0]?.owner;
  return `${unknownMaker}${owner === undefined ? '' : ` (${oneLine(owner, 60)})`}`;
};
