import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeEntry } from '../git/treeEntries.ts';

/** Limits of one reply: bytes of a file, bytes of the whole text, number of files. */
export const limits = { fileBytes: 512 * 1024, replyBytes: 2 * 1024 * 1024, files: 100 } as const;

/**
 * Why a path may not be named by a reply (G9); undefined when it may. Says nothing about what is there: see `placeFault`.
 * Refuses what any platform that the repository is ever checked out on would read as another file.
 */
export const pathFault = (path: string): string | undefined => {
  const shown = shownPath(path);
  if (path === '' || path.length > 500) return `a path must have 1 to 500 characters, not ${path.length}`;
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFD]/u.test(path))
    return `the path ${shown} has invisible or control characters`;
  if (path.includes('\\')) return `the path ${shown} has a backslash: use /`;
  if (/^[A-Za-z]:/.test(path)) return `the path ${shown} names a drive: paths are relative to the repository`;
  if (path.startsWith('/') || /^~[^/]*\//.test(path))
    return `the path ${shown} is absolute: paths are relative to the repository`;
  if (/[:<>"|?*]/.test(path)) return `the path ${shown} has one of the characters : < > " | ? *`;
  for (const part of path.split('/')) {
    const fault = partFault(part);
    if (fault !== undefined) return `the path ${shown} ${fault}`;
  }
  return;
};

/** Entries of a folder of the commit (`''` is the root); undefined when there is no such folder. */
export type Folders = (folder: string) => readonly TreeEntry[] | undefined;

/**
 * Why a path may not be written or deleted in a commit, by what is there: a symbolic link or submodule on the way, a
 * file where a folder is needed, another spelling of an existing name, a folder in place of the file.
 */
export const placeFault = (path: string, folders: Folders): string | undefined => {
  const parts = path.split('/');
  let folder = '';
  for (const [index, part] of parts.entries()) {
    const entries = folders(folder);
    if (entries === undefined) return;
    const here = folder === '' ? part : `${folder}/${part}`;
    const last = index === parts.length - 1;
    const twin = entries.find((entry) => entry.name !== part && folded(entry.name) === folded(part));
    if (twin !== undefined)
      return `${path} differs only in spelling from ${folder === '' ? '' : `${folder}/`}${shownPath(twin.name)}, which exists`;
    const entry = entries.find(({ name }) => name === part);
    if (entry === undefined) return;
    if (entry.mode === modes.link) return `${here} is a symbolic link`;
    if (entry.mode === modes.submodule) return `${here} is a submodule`;
    if (last && entry.mode === modes.folder) return `${path} is a folder`;
    if (!last && entry.mode !== modes.folder) return `${here} is a file, not a folder`;
    folder = here;
  }
  return;
};

/** Why the worktree itself leads somewhere else at this path: what ran there may have left symbolic links. */
export const worktreeFault = async (worktree: string, path: string): Promise<string | undefined> => {
  const parts = path.split('/');
  for (let count = 1; count <= parts.length; count++) {
    const here = parts.slice(0, count).join('/');
    const found = await lstat(join(worktree, here)).catch(() => undefined);
    if (found === undefined) return;
    if (found.isSymbolicLink()) return `${here} is a symbolic link`;
    if (count === parts.length && !found.isFile() && !found.isDirectory())
      return `${here} is no regular file`;
    if (count === parts.length && found.size > 8 * limits.fileBytes)
      return `${here} is too large to be changed by a reply (${found.size} bytes)`;
  }
  return;
};

export const modes = {
  file: '100644',
  program: '100755',
  link: '120000',
  submodule: '160000',
  folder: '40000',
} as const;

/** Names that some file system takes for the same one. */
export const folded = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFKC');

/** A path as it may be shown to people and models: no control characters, not endless. */
export const shownPath = (path: string): string =>
  path.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?').slice(0, 200);

const reserved = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

const partFault = (part: string): string | undefined => {
  if (part === '') return 'has an empty part';
  if (part === '.' || part === '..') return 'leaves the repository or has a . in it';
  if (/^git~\d/i.test(part) || folded(part).replace(/[. ]+$/, '') === '.git') return 'is inside .git';
  if (/^gi[0-9a-f]{4}~\d/i.test(part)) return 'is a short name of a .git file';
  if (/[. ]$/.test(part) || part.startsWith(' ')) return 'has a part that begins or ends with a space or dot';
  if (reserved.test(part)) return `has the reserved name ${part}`;
  if (Buffer.byteLength(part) > 200) return 'has a part of more than 200 bytes';
  return;
};
