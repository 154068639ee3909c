import { isMap, itemsOf, valueAt } from '../../../deploy/input/rawValue.ts';
import type { InputFault } from '../../../deploy/input/rejected.ts';
import { unknownName } from '../../../deploy/input/unknownName.ts';
import type { Path, YamlSource } from '../../../deploy/input/yamlSource.ts';
import { checkGraph } from '../../../workflows/domain/plan/graph.ts';

/** What a scenario says of itself: names that stand for nothing, sets that fit nowhere, agents that wait for each other. */
export const scenarioFaults = (source: YamlSource): InputFault[] => {
  const keys = (section: string): string[] => {
    const map = valueAt(source.value, [section]);
    return isMap(map) ? Object.keys(map) : [];
  };
  const models = keys('models');
  const hosts = keys('hosts');
  const agents = keys('agents');
  const known = (path: Path, kind: string, names: readonly string[]): InputFault[] => {
    const name = valueAt(source.value, path);
    return typeof name === 'string' ? unknownName(source, path, kind, name, names) : [];
  };
  const each = (path: Path, kind: string, names: readonly string[]): InputFault[] =>
    itemsOf(source.value, path).flatMap((_, index) => known([...path, index], kind, names));
  return [
    ...hosts.flatMap((host) => [
      ...each(['hosts', host, 'serves'], 'model', models),
      ...known(['hosts', host, 'initial'], 'model', models),
      ...each(['hosts', host, 'initial'], 'model', models),
      ...initialFaults(source, host, models),
      ...sizeFaults(source, host, models),
    ]),
    ...agents.flatMap((agent) => [
      ...known(['agents', agent, 'model'], 'model', models),
      ...each(['agents', agent, 'needs'], 'agent', agents),
      ...agentFaults(source, agent, hosts, models),
    ]),
    ...cycleFaults(source, agents),
  ];
};

const initialFaults = (source: YamlSource, host: string, models: readonly string[]): InputFault[] => {
  const path = ['hosts', host, 'initial'];
  const initial = [valueAt(source.value, path) ?? []].flat().map(String);
  const serves = servedBy(source, host, models);
  const stranger = initial.find((model) => models.includes(model) && !serves.includes(model));
  if (stranger !== undefined)
    return [source.fault(path, `${host} does not serve ${stranger}`, 'Add it to serves')];
  if (initial.length < 2) return [];
  const memory = valueAt(source.value, ['hosts', host, 'memoryGigabytes']);
  const sizes = initial.map((model) => valueAt(source.value, ['models', model, 'gigabytes']));
  const taken = sizes.reduce<number>((sum, size) => sum + (typeof size === 'number' ? size : Infinity), 0);
  if (typeof memory === 'number' && taken <= memory) return [];
  return [
    source.fault(path, `these do not fit into ${host} together`, 'Name one model, or give sizes that fit'),
  ];
};

/** Nothing helps against a model that is larger than its host. */
const sizeFaults = (source: YamlSource, host: string, models: readonly string[]): InputFault[] => {
  const memory = valueAt(source.value, ['hosts', host, 'memoryGigabytes']);
  if (typeof memory !== 'number') return [];
  return servedBy(source, host, models).flatMap((model) => {
    const size = valueAt(source.value, ['models', model, 'gigabytes']);
    if (typeof size !== 'number' || size <= memory) return [];
    return source.fault(
      ['hosts', host, 'memoryGigabytes'],
      `${model} takes ${size}, and ${host} has ${memory}`,
      `Set at least ${size}, or leave ${model} out of serves of ${host}`,
    );
  });
};

const agentFaults = (
  source: YamlSource,
  agent: string,
  hosts: readonly string[],
  models: readonly string[],
): InputFault[] => {
  const path = ['agents', agent];
  const model = valueAt(source.value, [...path, 'model']);
  const cloud = valueAt(source.value, [...path, 'cloud']) === true;
  if (!isMap(valueAt(source.value, path)) || cloud) return [];
  if (model === undefined)
    return [source.fault(path, 'model is missing', 'Name a model, or write cloud: true')];
  if (valueAt(source.value, [...path, 'minutes']) === undefined) {
    return [source.fault(path, 'minutes is missing', 'Write how long its calls take together')];
  }
  const served = hosts.some((host) => servedBy(source, host, models).includes(String(model)));
  if (served || !models.includes(String(model))) return [];
  return [source.fault([...path, 'model'], `no host serves ${model}`, 'Add it to serves of a host')];
};

const servedBy = (source: YamlSource, host: string, models: readonly string[]): readonly string[] => {
  const written = itemsOf(source.value, ['hosts', host, 'serves']).map(String);
  return written.length === 0 ? models : written;
};

const cycleFaults = (source: YamlSource, agents: readonly string[]): InputFault[] =>
  checkGraph(
    agents.map((id) => ({ id, needs: itemsOf(source.value, ['agents', id, 'needs']).map(String) })),
  ).flatMap((fault) => {
    if (fault.kind === 'tooMany')
      return [source.fault(['agents'], 'there are too many agents', 'At most 400')];
    if (fault.kind === 'selfNeed') {
      const path = ['agents', agents[fault.node] ?? '', 'needs'];
      return [source.fault(path, 'an agent needs itself', 'Remove this need')];
    }
    if (fault.kind !== 'cycle') return [];
    const around = fault.edges.map(({ node }) => agents[node] ?? '');
    const path = ['agents', around[0] ?? '', 'needs'];
    return [
      source.fault(path, `these wait for each other: ${around.join(', ')}`, 'Remove one of these needs'),
    ];
  });
