import { gitBytes } from '../git/run.ts';
import { readObjects } from './objects.ts';
import { pathFault, shownPath } from './safety.ts';
import { inFence, masked } from './untrusted.ts';

/** A file as a prompt shows it. */
export interface PromptFile {
  readonly path: string;
  /** The section of the prompt. */
  readonly text: string;
}

/** Beyond either, a file is changed by SEARCH/REPLACE blocks. */
const large = { lines: 300, bytes: 8 * 1024 };

/** Paths of a commit, in git's order. */
export const listFiles = async (repo: string, commit: string): Promise<string[]> =>
  names((await gitBytes(['ls-tree', '-r', '-z', '--name-only', commit], { cwd: repo })).stdout);

/** Paths that differ between two commits and are still there. */
export const changedFiles = async (repo: string, base: string, head: string): Promise<string[]> => {
  if (base === head) return [];
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--diff-filter=d', base, head];
  return names((await gitBytes(args, { cwd: repo })).stdout);
};

/** Files of a commit in full, as sections of a prompt; one that does not exist is marked as new. */
export const showFiles = async (
  repo: string,
  commit: string,
  paths: readonly string[],
): Promise<PromptFile[]> => {
  const readable = paths.filter((path) => pathFault(path) === undefined);
  const objects = await readObjects(
    repo,
    readable.map((path) => `${commit}:${path}`),
  );
  return readable.map((path) => {
    const found = objects.get(`${commit}:${path}`);
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

/** Other files by how near they are to the named ones: same folder, same top folder, then the rest; short paths first. */
export const rankedPaths = (all: readonly string[], named: readonly string[]): string[] => {
  const shown = new Set(named);
  const folders = new Set(named.map(folderOf));
  const tops = new Set(named.map((path) => path.split('/')[0] ?? ''));
  const rank = (path: string): number =>
    folders.has(folderOf(path)) ? 0 : tops.has(path.split('/')[0] ?? '') ? 1 : 2;
  return all
    .filter((path) => !shown.has(path))
    .map((path) => ({ path, rank: rank(path), depth: path.split('/').length }))
    .sort((a, b) => a.rank - b.rank || a.depth - b.depth || (a.path < b.path ? -1 : 1))
    .map(({ path }) => masked(shownPath(path)));
};

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

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Info strings come from file names, which are untrusted too. */
const language = (path: string): string => /\.(\w{1,10})$/.exec(path)?.[1] ?? '';
