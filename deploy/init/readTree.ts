import { git } from './git.ts';
import { isTelling, type Tree } from './tree.ts';

/** A larger one is no manifest. Bytes. */
const mostBytes = 512 * 1024;

/** The tip of a branch as the rules of detection see it: what is committed counts, not what lies about. */
export const readTree = async (repository: string, branch: string): Promise<Tree> => {
  const tip = `refs/heads/${branch}`;
  const listing = await git(
    repository,
    'ls-tree',
    '-r',
    '-z',
    '--full-tree',
    '--format=%(objectsize) %(path)',
    tip,
  );
  const files = listing.split('\0').flatMap((entry): { path: string; bytes: number }[] => {
    const space = entry.indexOf(' ');
    return space < 0 ? [] : [{ path: entry.slice(space + 1), bytes: Number(entry.slice(0, space)) }];
  });
  const told = files.filter(({ path, bytes }) => isTelling(path) && bytes <= mostBytes);
  const texts = await Promise.all(
    told.map(
      async ({ path }) => [path, await git(repository, 'cat-file', 'blob', `${tip}:${path}`)] as const,
    ),
  );
  return { paths: new Set(files.map(({ path }) => path)), texts: new Map(texts) };
};
