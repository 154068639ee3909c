import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { oneLine } from '../../workflows/domain/text.ts';
import { withoutPassword } from '../input/shown.ts';
import { git, gitOrUndefined } from './git.ts';
import { readTree } from './readTree.ts';
import {
  linkedWorktree,
  noBranch,
  noCommits,
  noFolder,
  noRepository,
  shallowClone,
  unreadable,
} from './repositoryTrouble.ts';
import type { Tree } from './tree.ts';

/** A repository as a new rig would have it. */
export interface Repository {
  /** Absolute path, or a URL. */
  readonly source: string;
  readonly isPath: boolean;
  readonly name: string;
  /** The branch that work is to land on. */
  readonly branch: string;
  readonly branches: readonly string[];
  /** Where `origin` is, without a password. */
  readonly remote: string | undefined;
  readonly tree: Tree;
  /** What a person should know before the town works on it, one line each. */
  readonly notes: readonly string[];
}

/** Looks at a repository in a folder, or at a URL. Throws a `TownError` for what no rig can be made of. */
export const lookAtRepository = async (source: string, wanted?: string): Promise<Repository> =>
  isUrl(source) ? await lookAtUrl(source, wanted) : await lookAtFolder(source, wanted);

/** `https://…`, `ssh://…`, `file://…` or `git@machine:path`. */
export const isUrl = (source: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(source) || /^[\w.-]+@[\w.-]+:[^\s]/.test(source);

const lookAtFolder = async (folder: string, wanted: string | undefined): Promise<Repository> => {
  const root = await rootOf(folder);
  const branches = lines(await git(root, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads'));
  if (branches.length === 0) throw noCommits(root);
  const branch = await chooseBranch(root, branches, wanted);
  const remote = await gitOrUndefined(root, 'config', '--get', 'remote.origin.url');
  const tree = await readTree(root, branch);
  return {
    source: root,
    isPath: true,
    name: basename(root, '.git'),
    branch,
    branches,
    remote: remote === undefined ? undefined : oneLine(withoutPassword(remote)),
    tree,
    notes: [...(await dirtNote(root, branch)), ...contentNotes(tree)],
  };
};

/** The root of the repository that a folder is in, if a rig can be made of it. */
const rootOf = async (folder: string): Promise<string> => {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) throw noFolder(folder);
  const asked = ['--is-bare-repository', '--is-shallow-repository', '--git-dir', '--git-common-dir'];
  const [bare, shallow, gitDir = '', commonDir = ''] = lines(
    await git(folder, 'rev-parse', '--path-format=absolute', ...asked).catch((error: Error) => {
      throw noRepository(folder, error);
    }),
  );
  if (bare === 'true') return gitDir;
  const root = (await gitOrUndefined(folder, 'rev-parse', '--show-toplevel')) ?? '';
  if (root === '') throw noRepository(folder, new Error(`${folder} is inside ${gitDir}`));
  if (shallow === 'true') throw shallowClone(root);
  if (gitDir !== commonDir) throw linkedWorktree(root, commonDir);
  return root;
};

/** What `origin` calls its own branch; else the one that is checked out; else one of the usual names. */
const chooseBranch = async (
  root: string,
  branches: readonly string[],
  wanted: string | undefined,
): Promise<string> => {
  if (wanted !== undefined) {
    if (branches.includes(wanted)) return wanted;
    throw noBranch(root, wanted, branches);
  }
  const origin = await gitOrUndefined(root, 'symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD');
  const current = await gitOrUndefined(root, 'symbolic-ref', '--quiet', '--short', 'HEAD');
  const candidates = [
    origin?.replace(/^origin\//, ''),
    current,
    'main',
    'master',
    'trunk',
    'develop',
    branches[0],
  ];
  return candidates.find((name) => name !== undefined && branches.includes(name)) as string;
};

const lookAtUrl = async (url: string, wanted: string | undefined): Promise<Repository> => {
  const shown = oneLine(withoutPassword(url), 200);
  const folder = await mkdtemp(join(tmpdir(), 'gastown-look-'));
  try {
    const refs = await git(folder, 'ls-remote', '--symref', '--', url, 'HEAD', 'refs/heads/*').catch(
      (error: Error) => {
        throw unreadable(shown, error);
      },
    );
    const branches = [...refs.matchAll(/^[0-9a-f]{40,}\trefs\/heads\/(.+)$/gm)].map(
      (match) => match[1] as string,
    );
    if (branches.length === 0) throw noCommits(shown);
    const head = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(refs)?.[1];
    const branch =
      wanted ??
      [head, 'main', 'master', branches[0]].find((name) => name !== undefined && branches.includes(name));
    if (branch === undefined || !branches.includes(branch)) throw noBranch(shown, branch ?? '', branches);
    await git(
      folder,
      'clone',
      '--quiet',
      '--bare',
      '--depth',
      '1',
      '--branch',
      branch,
      '--',
      url,
      'look.git',
    );
    const tree = await readTree(join(folder, 'look.git'), branch);
    const name = basename(url.replace(/\/+$/, '').split(':').at(-1) ?? '', '.git');
    return {
      source: url,
      isPath: false,
      name,
      branch,
      branches,
      remote: shown,
      tree,
      notes: contentNotes(tree),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const dirtNote = async (root: string, branch: string): Promise<string[]> => {
  const current = await gitOrUndefined(root, 'symbolic-ref', '--quiet', '--short', 'HEAD');
  const changed = lines((await gitOrUndefined(root, 'status', '--porcelain', '--untracked-files=no')) ?? '');
  if (changed.length === 0 || current !== branch) return [];
  const files = changed.length === 1 ? 'One file has' : `${changed.length} files have`;
  return [
    `${files} changes that are not committed: the town works on what is committed on ${branch}, and leaves them alone.`,
  ];
};

/** What `openRig` would refuse, told while the person is here. */
const contentNotes = ({ paths, texts }: Tree): string[] => [
  ...(paths.has('.gitmodules')
    ? ['It has submodules, which the town does not support yet: convoys on it are refused.']
    : []),
  ...(/filter=lfs/.test(texts.get('.gitattributes') ?? '')
    ? ['It keeps files in Git LFS, which the town does not support yet: convoys on it are refused.']
    : []),
];

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
