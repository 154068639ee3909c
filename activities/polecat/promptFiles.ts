import { isCheckedOut } from '../../workflows/domain/sparse.ts';
import { readObjects } from '../git/objects.ts';
import { gitBytes } from '../git/run.ts';
import { pathFault } from './safety.ts';
import { inFence, masked } from './untrusted.ts';

/** A file as a prompt shows it. */
export interface PromptFile {
  readonly path: string;
  /** The section of the prompt. */
  readonly text: string;
}

/** Beyond either, a file is changed by SEARCH/REPLACE blocks. */
const large = { lines: 300, bytes: 8 * 1024 };

/** Paths of a commit, in git's order; of a sparse rig those that are checked out. */
export const listFiles = async (
  repo: string,
  commit: string,
  sparse: readonly string[] = [],
): Promise<string[]> =>
  names((await gitBytes(['ls-tree', '-r', '-z', '--name-only', commit], { cwd: repo })).stdout).filter(
    (path) => isCheckedOut(path, sparse),
  );

/** Files of a commit in full, as sections of a prompt; one that does not exist is marked as new. */
export const showFiles = async (
  repo: string,
  commit: string,
  paths: readonly string[],
  sparse: readonly string[] = [],
): Promise<PromptFile[]> => {
  const readable = paths.filter((path) => pathFault(path) === undefined);
  const objects = await readObjects(
    repo,
    readable.map((path) => `${commit}:${path}`),
  );
  return readable.map((path) => {
    const found = objects.get(`${commit}:${path}`);
    if (!isCheckedOut(path, sparse))
      return {
        path,
        text: `${label(path)} (outside of the folders that this work is kept to: leave it as it is)`,
      };
    if (found === undefined) return { path, text: `${label(path)} (new file, does not exist yet)` };
    if (found.type !== 'blob') return { path, text: `${label(path)} (a folder)` };
    if (found.bytes.includes(0)) return { path, text: `${label(path)} (binary, not shown)` };
    const text = found.bytes.toString('utf8').replaceAll('\r\n', '\n');
    const lines = text.split('\n').length;
    const mark =
      lines > large.lines || found.bytes.length > large.bytes
        ? ` (large, ${lines} lines: change it by SEARCH/REPLACE blocks)`
        : '';
    return { path, text: `${label(path)}${mark}\n${inFence(masked(text), language(path))}` };
  });
};

/** As a reply is to write it: bare, and in backticks where spaces would make a sentence of it. */
const label = (path: string): string => (/\s/.test(path) ? `\`${masked(path)}\`` : masked(path));

/** Paths of the repository that a text names, at most `most`, in the order of the text. */
export const mentionedPaths = (text: string, all: readonly string[], most: number): string[] => {
  const known = new Set(all);
  const found = new Set<string>();
  for (const word of text.slice(0, 50_000).match(/[\w.@()[\]~+-]+(?:\/[\w.@()[\]~+-]+)*/g) ?? []) {
    const path = word.replace(/^\.\//, '').replace(/[.,;:)\]]+$/, '');
    if (known.has(path)) found.add(path);
    if (found.size >= most) break;
  }
  return [...found];
};

const names = (output: Buffer): string[] =>
  output
    .toString('utf8')
    .split('\0')
    .filter((name) => name !== '');

/** Info strings come from file names, which are untrusted too. */
const language = (path: string): string => /\.(\w{1,10})$/.exec(path)?.[1] ?? '';
