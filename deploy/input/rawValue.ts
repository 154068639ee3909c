import type { Path } from './yamlSource.ts';

/** The value at a path of plain data of any shape; undefined where there is none. */
export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, step) => {
    if (typeof inner !== 'object' || inner === null) return;
    return Object.hasOwn(inner, step) ? (inner as Record<string | number, unknown>)[step] : undefined;
  }, value);

/** The entries of a map at a path; none when there is no map. */
export const entriesOf = (value: unknown, path: Path): [string, unknown][] => {
  const inner = valueAt(value, path);
  return isMap(inner) ? Object.entries(inner) : [];
};

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The items of a list at a path; none when there is no list. */
export const itemsOf = (value: unknown, path: Path): unknown[] => {
  const inner = valueAt(value, path);
  return Array.isArray(inner) ? inner : [];
};
