import { gitRef } from '../../workflows/domain/naming.ts';
import type { Bench } from './bench.ts';

/** Groups whose commits are kept from gc, landed or not: more than can be under test at once. */
const maxKept = 128;
/** Every so many kept ones, a repository's old ones are let go: looking for them costs a process. */
const lookEvery = 8;
const kept = new Map<string, number>();

/** Keeps a group's commit by a ref, and lets go of old ones. */
export const keepGroup = async (bench: Bench, id: string, commit: string): Promise<void> => {
  const ref = gitRef.group(id);
  await bench.plumb(['update-ref', ref, commit]);
  const count = kept.get(bench.repo) ?? 0;
  kept.set(bench.repo, count + 1);
  if (count % lookEvery !== 0) return;
  const { stdout } = await bench.plumb([
    'for-each-ref',
    '--sort=-committerdate',
    '--format=%(refname)',
    gitRef.group(''),
  ]);
  const old = stdout
    .split('\n')
    .filter((name) => name !== '' && name !== ref)
    .slice(maxKept);
  if (old.length === 0) return;
  await bench.plumb(['update-ref', '--stdin'], { input: old.map((name) => `delete ${name}\n`).join('') });
};
