import { resolveObject } from './objects.ts';
import { git } from './run.ts';

/** Where refs point, by full name; names that do not exist are left out. */
export const readRefs = async (
  repo: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const found = await Promise.all(
    names.map(async (name) => [name, (await resolveObject(repo, name, signal))?.oid] as const),
  );
  return new Map(found.filter((one): one is readonly [string, string] => one[1] !== undefined));
};

/**
 * One change of a ref. `was`: the commit it must point at now; null: it must not exist; undefined: whatever it was.
 * `to` undefined deletes it.
 */
export interface RefChange {
  readonly ref: string;
  readonly to: string | undefined;
  readonly was?: string | null | undefined;
}

/** Moves refs together or not at all. Throws `GitFailed` when one is not what it must be. */
export const moveRefs = async (
  repo: string,
  changes: readonly RefChange[],
  signal?: AbortSignal,
): Promise<void> => {
  if (changes.length === 0) return;
  const lines = changes.map(({ ref, to, was }) => {
    const old = was === null ? '0'.repeat(to?.length ?? 40) : (was ?? '');
    return to === undefined ? `delete ${ref} ${old}` : `update ${ref} ${to} ${old}`;
  });
  const input = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  await git(['update-ref', '--stdin'], { cwd: repo, input, ...(signal ? { signal } : {}) });
};
