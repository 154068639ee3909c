import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bareRung, detectSandbox, runSandboxed } from '../../../activities/sandbox/index.ts';
import { findProgram } from '../../../activities/sandbox/programs.ts';
import type { BenchBead } from './beadFile.ts';
import type { Tree } from './tree.ts';

/** How a command ended in a tree. */
export interface Ran {
  readonly green: boolean;
  readonly output: string;
}

/** Runs a command of a bead on a tree, in the sandbox: beads may come from others (G9). */
export const runIn = async (tree: Tree, command: string): Promise<Ran> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'gt-bench-bead-')));
  const cwd = join(folder, 'repo');
  try {
    await mkdir(cwd);
    for (const [path, text] of Object.entries(tree)) {
      await mkdir(dirname(join(cwd, path)), { recursive: true });
      await writeFile(join(cwd, path), text);
    }
    const result = await runSandboxed({
      rung: await detectSandbox().catch(() => bareRung),
      ...{ command, cwd, writable: [cwd], network: false, timeoutMs: 120_000 },
      scratch: join(folder, 'scratch'),
    });
    return { green: result.exitCode === 0, output: result.output };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};

/** Whether a bead was really solved: its hidden tests on what is there now. */
export const isTrue = async (bead: BenchBead, tree: Tree): Promise<boolean> =>
  bead.right !== undefined && (await runIn({ ...tree, ...bead.truth.files }, bead.truth.run)).green;

/** The programs of a bead that this machine lacks. */
export const missingPrograms = async (bead: BenchBead): Promise<readonly string[]> => {
  const found = await Promise.all(bead.programs.map(findProgram));
  return bead.programs.filter((_, index) => found[index] === undefined);
};

/** Does `work` for each, so many at once. */
export const eachOf = async <T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
};
