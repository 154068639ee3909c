import { isCheckedOut } from '../../workflows/domain/sparse.ts';
import type { TownConfig } from '../config/townConfig.ts';
import { isMap, itemsOf, valueAt } from '../input/rawValue.ts';
import type { InputFault } from '../input/rejected.ts';
import { unknownName } from '../input/unknownName.ts';
import type { Path, YamlSource } from '../input/yamlSource.ts';
import { graphFaults } from './graphFaults.ts';

/**
 * What a plan says of itself and of the town: graphs, rigs, gates, tiers. Reads the file as written, so that these
 * mistakes are told together with those of shape. `epicHas` are beads of a running epic that this plan adds to.
 */
export const checkPlan = (
  source: YamlSource,
  config: TownConfig,
  epicHas: readonly string[] = [],
): InputFault[] => {
  if (!isMap(source.value)) return [];
  const epics = itemsOf(source.value, ['epics']);
  return [
    ...formFaults(source, source.value),
    ...graphFaults(source, ['epics'], []),
    ...rigFaults(source, config, ['rig']),
    ...('epics' in source.value ? [] : epicFaults(source, config, [], epicHas)),
    ...epics.flatMap((_, index) => [
      ...rigFaults(source, config, ['epics', index, 'rig']),
      ...epicFaults(source, config, ['epics', index], epicHas),
    ]),
  ];
};

/** One epic as beads, or several as epics. */
const formFaults = (source: YamlSource, written: Record<string, unknown>): InputFault[] => {
  const hasBeads = 'beads' in written;
  const hasEpics = 'epics' in written;
  if (!hasBeads && !hasEpics) {
    return [source.fault([], 'neither beads nor epics are given', 'Write beads: with at least one bead')];
  }
  if (!hasEpics) return [];
  const faults: InputFault[] = [];
  if (hasBeads) {
    faults.push(
      source.faultAtKey(['epics'], 'beads and epics are both given', 'Put every bead into an epic'),
    );
  }
  if ('epic' in written) {
    const what = 'epic names the one epic of a plan with beads';
    faults.push(source.faultAtKey(['epic'], what, 'Give the epics their own id'));
  }
  return faults;
};

const rigFaults = (source: YamlSource, config: TownConfig, path: Path): InputFault[] => {
  const rig = valueAt(source.value, path);
  const known = config.rigs.map(({ name }) => name);
  return typeof rig === 'string' ? unknownName(source, path, 'rig', rig, known) : [];
};

const epicFaults = (
  source: YamlSource,
  config: TownConfig,
  epic: Path,
  epicHas: readonly string[],
): InputFault[] => {
  const rigName = valueAt(source.value, [...epic, 'rig']) ?? valueAt(source.value, ['rig']);
  const rig = rigName === undefined ? onlyOne(config.rigs) : config.rigs.find(({ name }) => name === rigName);
  const gates = rig?.gates.map(({ name }) => name);
  const faults = graphFaults(source, [...epic, 'beads'], epicHas);
  if (rigName === undefined && rig === undefined) {
    const known = config.rigs.map(({ name }) => name).join(', ');
    faults.push(
      source.fault([...epic, 'rig'], 'is missing, and the town has several rigs', `Known: ${known}`),
    );
  }
  itemsOf(source.value, [...epic, 'beads']).forEach((bead, index) => {
    const path = [...epic, 'beads', index];
    const tier = valueAt(bead, ['tier']);
    if (typeof tier === 'string') {
      faults.push(...unknownName(source, [...path, 'tier'], 'tier', tier, Object.keys(config.ladders)));
    }
    faults.push(...modelFaults(source, config, path));
    if (itemsOf(bead, ['sections']).length > 0 && valueAt(bead, ['output']) !== 'report')
      faults.push(
        source.faultAtKey(
          [...path, 'sections'],
          'sections are headings of a report, and this bead makes none',
          'Add output: report, or leave them out',
        ),
      );
    itemsOf(bead, ['files']).forEach((file, at) => {
      if (typeof file === 'string') faults.push(...outsideFaults(source, [...path, 'files', at], rig, file));
    });
    itemsOf(bead, ['gates']).forEach((gate, at) => {
      if (typeof gate !== 'string' || gates === undefined) return;
      faults.push(...unknownName(source, [...path, 'gates', at], 'gate', gate, gates));
    });
  });
  return faults;
};

/** Of a sparse rig a bead would be refused what it names. */
const outsideFaults = (
  source: YamlSource,
  path: Path,
  rig: TownConfig['rigs'][number] | undefined,
  file: string,
): InputFault[] => {
  if (rig === undefined || isCheckedOut(file, rig.sparse)) return [];
  const what = `is outside of the folders that rig ${rig.name} has checked out`;
  return [
    source.fault(
      path,
      what,
      `Its sparse: ${rig.sparse.join(', ')}; add the folder there, or leave the file out`,
    ),
  ];
};

/** Models that it names must be there, and have room for what it needs. */
const modelFaults = (source: YamlSource, config: TownConfig, path: Path): InputFault[] => {
  const known = config.models.map(({ key }) => key);
  const bead = valueAt(source.value, path);
  const named = [
    { at: [...path, 'model'], key: valueAt(bead, ['model']) },
    ...itemsOf(bead, ['fallback']).map((key, index) => ({ at: [...path, 'fallback', index], key })),
  ].filter(({ key }) => typeof key === 'string') as { at: Path; key: string }[];
  const needed = valueAt(bead, ['context']);
  const faults = named.flatMap(({ at, key }) => unknownName(source, at, 'model', key, known));
  if (valueAt(bead, ['model']) === undefined && itemsOf(bead, ['fallback']).length > 0)
    faults.push(source.faultAtKey([...path, 'fallback'], 'there is nothing to fall back from', 'Add model'));
  if (typeof needed !== 'number' || faults.length > 0) return faults;
  const tier = valueAt(bead, ['tier']);
  const keys =
    named.length > 0
      ? named.map(({ key }) => key)
      : (config.ladders[typeof tier === 'string' ? tier : 'default'] ?? []).map(({ model }) => model);
  const own = config.models.filter(({ key }) => keys.includes(key));
  const largest = Math.max(0, ...own.map(({ context }) => context));
  if (largest >= needed) return [];
  const what = `is more than any of its models has (${keys.join(', ')}: ${largest} tokens)`;
  return [source.fault([...path, 'context'], what, 'Name another model or tier, or less')];
};

const onlyOne = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);
