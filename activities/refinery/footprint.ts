import { posix } from 'node:path';
import type { Bench } from './bench.ts';
import { diffPaths } from './paths.ts';

/** A branch that touches more areas than this overlaps with everybody anyway. */
const mostAreas = 64;

/** The areas that a branch touches since it left `base`: its folders, by number; undefined: too many to tell. */
export const footprintOf = async (
  bench: Bench,
  base: string,
  head: string,
): Promise<readonly number[] | undefined> => areasOf(await diffPaths(bench, ['diff', `${base}...${head}`]));

/** The areas of paths. */
export const areasOf = (paths: readonly string[]): readonly number[] | undefined => {
  const areas = new Set(paths.map((path) => areaOf(path)));
  return areas.size > mostAreas ? undefined : [...areas].toSorted((a, b) => a - b);
};

/** A file's folder as a number (FNV-1a, 31 bits); files of the top folder are areas of their own. */
export const areaOf = (path: string): number => {
  const folder = posix.dirname(path);
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(folder === '.' ? path : folder)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 1;
};
