import type * as z from 'zod';
import { checkShape } from '../../../deploy/input/checkShape.ts';
import { isMap, itemsOf, valueAt } from '../../../deploy/input/rawValue.ts';
import { type InputFault, InputRejected, inFileOrder } from '../../../deploy/input/rejected.ts';
import { unknownName } from '../../../deploy/input/unknownName.ts';
import { readYaml, type YamlSource } from '../../../deploy/input/yamlSource.ts';
import { hash } from './chance.ts';
import { breaksBuild, overlap, type World } from './world.ts';
import { worldSchema } from './worldSchema.ts';

/** Reads a truth table, JSON or YAML. Throws `InputRejected` with every mistake in it: its line, what it is, what to write. */
export const readWorld = async (file: string): Promise<World> => {
  const source = await readYaml(file, 'world');
  const { value, faults } = checkShape(worldSchema, source);
  const all = [...faults, ...worldFaults(source)];
  if (value === undefined || all.length > 0) throw new InputRejected(inFileOrder(all));
  return worldFrom(value);
};

/** Names that stand for no branch, or for two; a branch that is bad in two ways. */
const worldFaults = (source: YamlSource): InputFault[] => {
  const branches = itemsOf(source.value, ['branches']);
  const ids = branches.map((one) => (isMap(one) && typeof one['id'] === 'string' ? one['id'] : ''));
  const known = (path: (string | number)[]): InputFault[] => {
    const name = valueAt(source.value, path);
    return typeof name === 'string' ? unknownName(source, path, 'branch', name, ids) : [];
  };
  const ends = (path: (string | number)[]): InputFault[] => {
    const names = itemsOf(source.value, path);
    if (names.length === 2 && names[0] === names[1]) {
      return [source.fault(path, 'a branch with itself', 'Name two branches')];
    }
    return names.flatMap((_, index) => known([...path, index]));
  };
  return [
    ...ids.flatMap((id, index) =>
      id !== '' && ids.indexOf(id) < index
        ? [source.fault(['branches', index, 'id'], `there are two branches ${id}`, 'Give each its own id')]
        : [],
    ),
    ...branches.flatMap((one, index) =>
      isMap(one) && one['breaks'] !== undefined && one['breaksBuild'] === true
        ? [
            source.fault(
              ['branches', index],
              'it breaks a test and the build',
              'A broken build names no test: keep one',
            ),
          ]
        : [],
    ),
    ...itemsOf(source.value, ['conflicts']).flatMap((_, index) => ends(['conflicts', index])),
    ...itemsOf(source.value, ['quarrels']).flatMap((_, index) => ends(['quarrels', index, 'between'])),
  ];
};

const worldFrom = (written: z.infer<typeof worldSchema>): World => {
  const listed = written.branches.toSorted((a, b) => a.arrives - b.arrives);
  const placeOf = new Map(listed.map(({ id }, place) => [id, place]));
  const areas = numbered(listed.flatMap((branch) => branch.areas));
  const tests = numbered([
    ...listed.flatMap(({ breaks }) => breaks ?? []),
    ...written.quarrels.map(({ breaks }) => breaks),
  ]);
  const branches = listed.map((branch, place) => ({
    arrivesAt: branch.arrives,
    bad: branch.breaks !== undefined || branch.breaksBuild,
    breaks: branch.breaks === undefined ? breaksBuild : (tests.get(branch.breaks) ?? 0),
    areas: branch.areas.map((area) => areas.get(area) ?? 0),
    priority: branch.priority,
    key: hash(written.seed, place, 15),
    quarrels: written.quarrels.flatMap(({ between, breaks }) =>
      otherOf(between, branch.id).map((id) => ({
        other: placeOf.get(id) ?? -1,
        breaks: tests.get(breaks) ?? 0,
      })),
    ),
    conflicts: written.conflicts.flatMap((pair) =>
      otherOf(pair, branch.id).map((id) => placeOf.get(id) ?? -1),
    ),
  }));
  const areaOf = new Map([...tests].map(([name, test]) => [test, areas.get(name.split('/')[0] ?? '')]));
  return {
    ...{ seed: written.seed, branches, flakeRate: written.flakeRate, sigma: written.sigma },
    badShare: branches.filter(({ bad }) => bad).length / branches.length,
    quarrelRate: written.quarrels.length / Math.max(1, overlapping(branches)),
    tests: Math.max(tests.size, 1),
    areaOf: (test) => areaOf.get(test),
  };
};

const numbered = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...new Set(names)].map((name, number) => [name, number]));

const otherOf = ([a, b]: readonly [string, string], id: string): readonly string[] =>
  a === id ? [b] : b === id ? [a] : [];

const overlapping = (branches: readonly { readonly areas: readonly number[] }[]): number =>
  branches.reduce(
    (sum, one, at) => sum + branches.slice(at + 1).filter((other) => overlap(one, other)).length,
    0,
  );
