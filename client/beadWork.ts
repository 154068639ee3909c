import { access, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { gitIn } from '../deploy/town/git.ts';
import { type BeadRef, beadKey, gitRef, trailer } from '../workflows/domain/naming.ts';

/** What a bead has changed, as git has it: between two commits of its rig's repository. */
export interface BeadWork {
  readonly rig: string;
  /** The town's bare copy. */
  readonly repo: string;
  /** On the target; on the bead's branch; or put aside when the bead was closed without landing. */
  readonly state: 'landed' | 'branch' | 'kept';
  readonly from: string;
  readonly to: string;
  /** Where its polecat works, when that is there. */
  readonly worktree: string | undefined;
}

/** Lines added and removed; undefined for a binary file. */
export interface ChangedFile {
  readonly path: string;
  readonly added: number | undefined;
  readonly removed: number | undefined;
}

/** Finds a bead's work in the home's rigs; undefined when it has none (yet). Needs no open town (G4). */
export const findWork = async (home: string, bead: BeadRef): Promise<BeadWork | undefined> => {
  const rigs = await readdir(join(home, 'rigs')).catch(() => []);
  const found = await Promise.all(rigs.map((rig) => workIn(home, rig, bead)));
  return found.find((work) => work !== undefined);
};

export const changedFiles = async ({ repo, from, to }: BeadWork): Promise<readonly ChangedFile[]> => {
  // With -z a renamed file has three records; without looking for renames there is one for each path.
  const text = await gitIn(repo, ['diff', '--numstat', '-z', '--no-renames', ...sealed, from, to]);
  return text
    .split('\0')
    .filter((record) => record !== '')
    .map((record) => {
      const [added = '-', removed = '-', ...path] = record.split('\t');
      return { path: path.join('\t'), added: countOf(added), removed: countOf(removed) };
    });
};

/** As `git apply` reads it. */
export const patchOf = ({ repo, from, to }: BeadWork): Promise<string> =>
  gitIn(repo, [
    '-c',
    'core.quotePath=false',
    'diff',
    '--no-color',
    '--binary',
    '--find-renames',
    ...sealed,
    from,
    to,
  ]);

/** The commits of it, newest first, as hash and subject. */
export const commitsOf = async ({ repo, from, to }: BeadWork): Promise<readonly string[]> =>
  linesOf(await gitIn(repo, ['log', '--max-count=50', '--format=%h %s', `${from}..${to}`]));

/** Files in its worktree that no commit has, as `git status --short` marks them. */
export const uncommitted = async ({ repo, worktree }: BeadWork): Promise<readonly string[]> => {
  const admin = worktree === undefined ? undefined : await adminOf(repo, worktree);
  if (worktree === undefined || admin === undefined) return [];
  const where = [`--git-dir=${admin}`, `--work-tree=${worktree}`, '-c', 'core.fsmonitor=false'];
  const args = ['--no-optional-locks', ...where, 'status', '--porcelain=v1', '-z', '--no-renames'];
  return (await gitIn(repo, args)).split('\0').filter((line) => line !== '');
};

/** Git's own folder of a worktree. What `.git` in there says is not asked: gates may have written it (G9). */
const adminOf = async (repo: string, worktree: string): Promise<string | undefined> => {
  const path = join(await realpath(worktree), '.git');
  for (const id of await readdir(join(repo, 'worktrees')).catch(() => [])) {
    const admin = join(repo, 'worktrees', id);
    const its = await readFile(join(admin, 'gitdir'), 'utf8').catch(() => '');
    if (its.trim() === path) return admin;
  }
  return;
};

const workIn = async (home: string, rig: string, bead: BeadRef): Promise<BeadWork | undefined> => {
  const repo = join(home, 'rigs', rig, 'repo.git');
  const names = [gitRef.bead(bead), gitRef.base(bead), gitRef.landed(bead)];
  const keptUnder = gitRef.kept(bead, '');
  const args = ['for-each-ref', '--sort=-committerdate', '--format=%(refname) %(objectname)'];
  const text = await gitIn(repo, [...args, ...names, keptUnder]).catch(() => '');
  const refs = new Map(linesOf(text).map((line) => line.split(' ') as [string, string]));
  const [branch, base, landed] = names.map((name) => refs.get(name));
  const path = join(home, 'rigs', rig, 'worktrees', beadKey(bead));
  const worktree = await access(path).then(
    () => path,
    () => undefined,
  );
  const found = { rig, repo, worktree };
  // A bead that is worked on again, with another task, has a branch beside what it landed before.
  if (landed !== undefined && (branch === undefined || branch === (await headOf(repo, landed))))
    return { ...found, state: 'landed', from: await hashOf(repo, `${landed}^1`), to: landed };
  if (branch !== undefined)
    return { ...found, state: 'branch', from: base ?? (await forkOf(repo, branch)), to: branch };
  const [, kept] = [...refs].find(([name]) => name.startsWith(keptUnder)) ?? [];
  return kept === undefined
    ? undefined
    : { ...found, state: 'kept', from: await forkOf(repo, kept), to: kept };
};

/** The commit of the bead's branch that a landed commit was made of. */
const headOf = async (repo: string, landed: string): Promise<string> =>
  (await gitIn(repo, ['log', '-1', `--format=%(trailers:key=${trailer.head},valueonly)`, landed])).trim();

const hashOf = async (repo: string, name: string): Promise<string> =>
  (await gitIn(repo, ['rev-parse', '--verify', '--end-of-options', name])).trim();

/** Where a commit left what the town lands on. */
const forkOf = async (repo: string, commit: string): Promise<string> => {
  const targets = linesOf(await gitIn(repo, ['for-each-ref', '--format=%(objectname)', gitRef.target('')]));
  return (await gitIn(repo, ['merge-base', commit, ...targets])).trim();
};

/** Nothing that a repository's attributes could name is run. */
const sealed = ['--no-ext-diff', '--no-textconv'];

const countOf = (text: string): number | undefined => (text === '-' ? undefined : Number(text));

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
