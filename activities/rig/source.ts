import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { git, gitLine } from '../git/run.ts';
import type { Rig } from './index.ts';
import { shellWord } from './shellWord.ts';
import { type Asked, refusal, setting, unusable } from './unusable.ts';

/** A rig's source as it was found. */
export interface Source {
  readonly isPath: boolean;
  /** Branch → the folder of the person's that has it checked out. Empty for a URL and a bare repository. */
  readonly checkedOut: ReadonlyMap<string, string>;
}

/** Refuses a git without what the town needs. */
export const checkGit = async (rig: Rig): Promise<void> => {
  const cwd = dirname(rig.repo);
  await mkdir(cwd, { recursive: true });
  const version = await gitLine(['version'], { cwd, signal: rig.signal });
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 38)) return;
  throw unusable(rig, 'the git of this machine is too old.', version, 'Install git 2.38 or newer.');
};

/** Looks at the source before anything is copied: every kind that the town cannot work with is refused by name. */
export const checkSource = async (rig: Rig): Promise<Source> => {
  const { source } = rig.settings;
  const isPath = isAbsolute(source);
  const checkedOut = isPath ? await checkPath(rig) : new Map<string, string>();
  await checkBranch(rig);
  return { isPath, checkedOut };
};

const checkPath = async (rig: Rig): Promise<ReadonlyMap<string, string>> => {
  const { source } = rig.settings;
  const isFolder = await stat(source).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw unusable(rig, `there is no folder ${source}.`, `path: ${source}`, `Correct ${setting('path')}.`);
  const path = await realpath(source);
  const asked = await ask(rig, path, [
    'rev-parse',
    '--path-format=absolute',
    '--is-bare-repository',
    '--is-shallow-repository',
    '--git-dir',
    '--git-common-dir',
  ]);
  if (asked.exitCode !== 0) throw refusal(rig, asked);
  const [bare, shallow, gitDir = '', commonDir = ''] = asked.stdout.split('\n');
  const root =
    bare === 'true' ? gitDir : (await ask(rig, path, ['rev-parse', '--show-toplevel'])).stdout.trim();
  // Inside `.git` there is no top level.
  if (root !== path)
    throw unusable(
      rig,
      `${source} is a folder inside a repository, not its root.`,
      `git rev-parse in ${path}: the repository is ${root || dirname(gitDir)}`,
      `Set ${setting('path', root || dirname(gitDir))}.`,
    );
  if (gitDir !== commonDir)
    throw unusable(
      rig,
      `${source} is a linked worktree, not the repository itself.`,
      `git rev-parse --git-common-dir in ${path}: ${commonDir}`,
      `Set ${setting('path', commonDir.endsWith('/.git') ? dirname(commonDir) : commonDir)}.`,
    );
  if (shallow === 'true')
    throw unusable(
      rig,
      `${source} is a shallow clone: it lacks the history that merging needs.`,
      `git rev-parse --is-shallow-repository in ${path}: true`,
      `Fetch the rest: git -C ${shellWord(source)} fetch --unshallow`,
    );
  return checkedOutIn(rig, path);
};

const checkedOutIn = async (rig: Rig, path: string): Promise<ReadonlyMap<string, string>> =>
  foldersOf((await ask(rig, path, ['worktree', 'list', '--porcelain'])).stdout);

/** Branch → the folder that has it checked out, in a person's repository. */
export const checkedOutFolders = async (
  path: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const args = ['worktree', 'list', '--porcelain'];
  return foldersOf((await git(args, { cwd: path, profile: 'transport', signal, timeoutMs: 60_000 })).stdout);
};

const foldersOf = (porcelain: string): ReadonlyMap<string, string> => {
  const folders = new Map<string, string>();
  for (const block of porcelain.split('\n\n')) {
    const folder = /^worktree (.+)$/m.exec(block)?.[1];
    const branch = /^branch refs\/heads\/(.+)$/m.exec(block)?.[1];
    if (folder !== undefined && branch !== undefined && !/^prunable\b/m.test(block))
      folders.set(branch, folder);
  }
  return folders;
};

/** The configured branch must exist and have a commit. */
const checkBranch = async (rig: Rig): Promise<void> => {
  const { source, branch } = rig.settings;
  const cwd = dirname(rig.repo);
  const asked = await ask(rig, cwd, ['ls-remote', '--heads', '--', source]);
  if (asked.exitCode !== 0) throw refusal(rig, asked);
  const branches = asked.stdout.split('\n').flatMap((line) => line.split('\trefs/heads/')[1] ?? []);
  if (branches.includes(branch)) return;
  const evidence = `git ls-remote --heads ${source}\n${branches.slice(0, 20).join('\n') || 'no branches'}`;
  if (branches.length === 0)
    throw unusable(
      rig,
      `${source} has no commit yet, so branch ${branch} is unborn.`,
      evidence,
      `Make a first commit on ${branch}${isAbsolute(source) ? `: git -C ${shellWord(source)} commit --allow-empty -m start` : ' and push it'}.`,
    );
  throw unusable(
    rig,
    `${source} has no branch ${branch}.`,
    evidence,
    `Set ${setting('branch')} to one of these: ${branches.slice(0, 10).join(', ')}.`,
  );
};

/** Asks the source in the user's own profile: whether to trust a folder is the user's decision, not the town's. */
const ask = async (rig: Rig, cwd: string, args: readonly string[]): Promise<Asked> => {
  const options = {
    cwd,
    profile: 'transport',
    okExitCodes: [0, 1, 2, 128],
    signal: rig.signal,
    timeoutMs: 60_000,
  } as const;
  return { args, cwd, ...(await git(args, options)) };
};
