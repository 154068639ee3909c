import { knownTiers } from '../../workflows/domain/fleet/tier.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { memorySize } from '../input/forms.ts';
import { entriesOf, isMap, itemsOf, valueAt } from '../input/rawValue.ts';
import type { InputFault } from '../input/rejected.ts';
import { unknownName } from '../input/unknownName.ts';
import type { Path, YamlSource } from '../input/yamlSource.ts';
import { leastContext } from './modelSchema.ts';

/**
 * What one part of a configuration says about another. Reads the file as written, so that these mistakes are told
 * together with those of shape.
 */
export const crossCheck = (source: YamlSource): InputFault[] => [
  ...hostFaults(source),
  ...modelFaults(source),
  ...roleFaults(source),
  ...tierFaults(source),
  ...rigFaults(source),
];

/** How a host is told to load goes with its kind. */
const hostFaults = (source: YamlSource): InputFault[] =>
  entriesOf(source.value, ['hosts']).flatMap(([name, host]) => {
    const kind = valueAt(host, ['kind']);
    const has = (field: string): boolean => valueAt(host, [field]) !== undefined;
    const at = (field: string): Path => ['hosts', name, field];
    const faults: InputFault[] = [];
    if (kind === 'command' && !has('commands'))
      faults.push(
        source.fault(at('kind'), 'a host of kind command needs commands', 'Add commands with load'),
      );
    if ((kind === 'ollama' || kind === 'openai') && has('commands')) {
      const what = `a host of kind ${kind} is not told by commands`;
      faults.push(source.fault(at('commands'), what, 'Set kind: command, or remove commands'));
    }
    if ((kind === 'ollama' || kind === 'command') && valueAt(host, ['sleep']) === true) {
      const what = `a host of kind ${kind} has no sleep mode of vLLM`;
      faults.push(source.fault(at('sleep'), what, 'Set kind: openai, or remove sleep'));
    }
    const [memory, reserve] = ['memory', 'reserve'].map((field) => bytesOf(valueAt(host, [field])));
    if (memory !== undefined && reserve !== undefined && reserve >= memory)
      faults.push(source.fault(at('reserve'), 'leaves no memory for models', 'Set less than memory'));
    return faults;
  });

/** A size of memory as it is written; undefined when it is none. */
const bytesOf = (written: unknown): number | undefined => {
  const read = memorySize().safeParse(written);
  return read.success ? read.data : undefined;
};

const modelFaults = (source: YamlSource): InputFault[] => {
  const hosts = entriesOf(source.value, ['hosts']).map(([name]) => name);
  const models = entriesOf(source.value, ['models']);
  const faults = [...emptyMap(source, 'hosts', 'host'), ...emptyMap(source, 'models', 'model')];
  for (const [name, model] of models) {
    itemsOf(model, ['hosts']).forEach((host, index) => {
      if (typeof host !== 'string') return;
      faults.push(...unknownName(source, ['models', name, 'hosts', index], 'host', host, hosts));
    });
    const context = valueAt(model, ['context']);
    const written = valueAt(model, ['maxTokens']);
    const maxTokens = written ?? 4_096;
    if (
      typeof context === 'number' &&
      context >= leastContext &&
      typeof maxTokens === 'number' &&
      maxTokens > context / 2
    ) {
      const path: Path = ['models', name, written === undefined ? 'context' : 'maxTokens'];
      const what = `replies of ${maxTokens} tokens leave too little of a context of ${context} for the prompt`;
      faults.push(source.fault(path, what, `Set maxTokens to ${Math.floor(context / 2)} or less`));
    }
  }
  return faults;
};

const roleFaults = (source: YamlSource): InputFault[] => {
  const models = entriesOf(source.value, ['models']).map(([name]) => name);
  const named = (path: Path, value: unknown): InputFault[] => {
    if (typeof value === 'string') return unknownName(source, path, 'model', value, models);
    return itemsOf(value, []).flatMap((item, index) => named([...path, index], item));
  };
  const mayor = valueAt(source.value, ['roles', 'mayor']);
  const planner =
    typeof mayor === 'string' ? named(['roles', 'mayor'], mayor) : elsewhereFaults(source, mayor);
  const reviewer = valueAt(source.value, ['roles', 'reviewer']);
  const review = isMap(reviewer)
    ? named(['roles', 'reviewer', 'model'], valueAt(reviewer, ['model']))
    : named(['roles', 'reviewer'], reviewer);
  const path: Path = ['roles', 'polecat'];
  const polecat = valueAt(source.value, path);
  const tiers = entriesOf(polecat, []);
  if (tiers.length === 0) return [...planner, ...review, ...named(path, polecat)];
  const faults = [...planner, ...review, ...tiers.flatMap(([tier, value]) => named([...path, tier], value))];
  if (tiers.some(([tier]) => tier === 'default')) return faults;
  const what = 'no tier "default", which beads without a tier use';
  return [...faults, source.fault(path, what, 'Add default: <the key of a model>')];
};

/** What is expected of a tier that nobody works for would be counted for no call. */
const tierFaults = (source: YamlSource): InputFault[] => {
  const ofModels = entriesOf(source.value, ['models']).flatMap(([, model]) => valueAt(model, ['tier']) ?? []);
  const ofRoles = entriesOf(source.value, ['roles', 'polecat']).map(([tier]) => tier);
  const named = [...ofModels, ...ofRoles].filter((tier) => typeof tier === 'string');
  const known = [...new Set([...knownTiers, 'default', ...named])];
  return entriesOf(source.value, ['tiers']).flatMap(([tier]) =>
    unknownName(source, ['tiers', tier], 'tier', tier, known),
  );
};

const elsewhereFaults = (source: YamlSource, mayor: unknown): InputFault[] => {
  if (valueAt(mayor, ['provider']) !== 'openai' || valueAt(mayor, ['baseUrl']) !== undefined) return [];
  const what = 'nothing says where the server is';
  return [source.fault(['roles', 'mayor'], what, 'Add baseUrl: https://HOST')];
};

const rigFaults = (source: YamlSource): InputFault[] => {
  const faults = entriesOf(source.value, ['rigs']).flatMap(([name, rig]) => [
    ...sourceFaults(source, name, rig),
    ...gateFaults(source, name, rig),
    ...landFaults(source, name, rig),
    ...cacheFaults(source, name, rig),
  ]);
  return [...emptyMap(source, 'rigs', 'rig'), ...faults];
};

const sourceFaults = (source: YamlSource, name: string, rig: unknown): InputFault[] => {
  if (!isMap(rig)) return [];
  const both = valueAt(rig, ['path']) !== undefined && valueAt(rig, ['url']) !== undefined;
  const none = valueAt(rig, ['path']) === undefined && valueAt(rig, ['url']) === undefined;
  if (both)
    return [source.faultAtKey(['rigs', name, 'url'], 'path and url are both given', 'Keep one of them')];
  if (none)
    return [source.fault(['rigs', name], 'neither path nor url is given', 'Say where the repository is')];
  return [];
};

const gateFaults = (source: YamlSource, name: string, rig: unknown): InputFault[] => {
  const why =
    'The town keeps the branch green by landing only what passed every gate (G2): without gates, anything would land';
  const path: Path = ['rigs', name, 'gates'];
  const gates = valueAt(rig, ['gates']);
  if (Array.isArray(gates) && gates.length === 0) return [source.fault(path, 'the list is empty', why)];
  if (gates === undefined) {
    return isMap(rig) ? [source.fault(path, 'is missing', why)] : [];
  }
  const seen = new Set<string>();
  return itemsOf(rig, ['gates']).flatMap((gate, index) => {
    const gateName = valueAt(gate, ['name']);
    if (typeof gateName !== 'string') return [];
    const twice = seen.has(gateName);
    seen.add(gateName);
    const what = `the gate "${oneLine(gateName, 40)}" is named twice`;
    return twice
      ? [source.fault([...path, index, 'name'], what, 'Give every gate of a rig its own name')]
      : [];
  });
};

const landFaults = (source: YamlSource, name: string, rig: unknown): InputFault[] => {
  const branch = valueAt(rig, ['branch']) ?? 'main';
  if (valueAt(rig, ['land']) !== `branch:${String(branch)}`) return [];
  const what = 'lands on the very branch that a person is to merge into';
  return [
    source.fault(
      ['rigs', name, 'land'],
      what,
      `Write push, or another branch such as branch:gastown/${String(branch)}`,
    ),
  ];
};

const cacheFaults = (source: YamlSource, name: string, rig: unknown): InputFault[] => {
  const hasCaches = itemsOf(rig, ['caches']).length > 0;
  const at = (field: string, what: string, accepted: string): InputFault[] => [
    source.fault(['rigs', name, field], what, accepted),
  ];
  if (hasCaches && valueAt(rig, ['setup']) === undefined) {
    return at('caches', 'no setup makes these', 'Add setup: <the command that makes them>');
  }
  if (hasCaches && itemsOf(rig, ['cacheKey']).length === 0) {
    return at('caches', 'nothing says when these are out of date', 'Add cacheKey: [<lock file>]');
  }
  return [];
};

const emptyMap = (source: YamlSource, field: string, kind: string): InputFault[] => {
  const value = valueAt(source.value, [field]);
  const isEmpty = isMap(value) && Object.keys(value).length === 0;
  return isEmpty ? [source.fault([field], `no ${kind} is named`, `Name at least one ${kind}`)] : [];
};
