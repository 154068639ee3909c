import { shellWord } from '../../workflows/domain/shellWord.ts';
import { withoutPassword } from '../input/shown.ts';
import { TownError } from '../town/trouble.ts';

/** Not a git repository, or one that git does not trust. */
export const noRepository = (folder: string, error: Error): TownError => {
  const dubious = /dubious ownership/.test(error.message);
  return new TownError({
    type: dubious ? 'RepositoryNotTrusted' : 'NotARepository',
    what: dubious
      ? `${folder} belongs to another user, so git does not trust it.`
      : `${folder} is not a git repository, nor inside one.`,
    evidence: error.message,
    next: dubious
      ? `If you trust it: git config --global --add safe.directory ${shellWord(folder)}`
      : 'Go to the repository that the town is to work on, or name it: gt init --repo PATH. For a new one: git init && git add -A && git commit -m start',
  });
};

/** A path at which nothing is. */
export const noFolder = (folder: string): TownError =>
  new TownError({
    type: 'NotARepository',
    what: `There is no folder ${folder}.`,
    evidence: `${folder}: no such file or directory`,
    next: 'Check the path and the folder that you are in; a repository is named by its folder, or by a URL that git understands.',
  });

/** A repository without any branch. */
export const noCommits = (where: string): TownError =>
  new TownError({
    type: 'NoCommits',
    what: 'This repository has no commits yet, so there is nothing to work on.',
    evidence: `git for-each-ref refs/heads in ${where}: no branch`,
    next: 'Make the first one: git add -A && git commit -m start. Then say this command again.',
  });

/** A branch that was named and is not there. */
export const noBranch = (where: string, wanted: string, branches: readonly string[]): TownError =>
  new TownError({
    type: 'NoBranch',
    what: `There is no branch ${wanted}.`,
    evidence: `${where} has: ${branches.slice(0, 20).join(', ')}${branches.length > 20 ? ', …' : ''}`,
    next: 'Name one of these with --branch, or make the branch first.',
  });

/** A remote that git cannot read, or not without a question. */
export const unreadable = (url: string, error: Error): TownError => {
  const denied =
    /authentication failed|could not read (username|password)|permission denied|host key verification|access denied|returned error: 40[13]|terminal prompts disabled/i;
  const refused = denied.test(error.message);
  return new TownError({
    type: 'RepositoryUnreadable',
    what: refused ? `You may not read ${url} without being asked for a password.` : `${url} cannot be read.`,
    evidence: withoutPassword(error.message),
    next: refused
      ? `Nothing may ask for a password at night. Set up a key or a credential helper, until this works without a question: git ls-remote ${shellWord(url)}`
      : `Check the URL and the network, until this works: git ls-remote ${shellWord(url)}`,
  });
};

/** A clone without its history. */
export const shallowClone = (root: string): TownError =>
  new TownError({
    type: 'ShallowClone',
    what: 'This is a shallow clone: it lacks the history that merging needs.',
    evidence: `git rev-parse --is-shallow-repository in ${root}: true`,
    next: 'Fetch the rest, then say this command again: git fetch --unshallow',
  });

/** A worktree whose repository is elsewhere. */
export const linkedWorktree = (root: string, commonDir: string): TownError =>
  new TownError({
    type: 'LinkedWorktree',
    what: 'This is a linked worktree, not the repository itself.',
    evidence: `git rev-parse --git-common-dir in ${root}: ${commonDir}`,
    next: `Say the same in the repository: cd ${shellWord(commonDir.replace(/\/\.git$/, ''))}`,
  });
