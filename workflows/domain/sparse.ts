/**
 * Rigs of which only some folders are checked out, by the rules of git's cone mode: these folders with all that is below
 * them, and the files beside the folders on the way to them. Commits keep the rest.
 */

/** Whether a path is checked out. No folders: all of the repository is. */
export const isCheckedOut = (path: string, folders: readonly string[]): boolean => {
  if (folders.length === 0) return true;
  const parent = folderOf(path);
  return folders.some(
    (folder) =>
      path === folder || path.startsWith(`${folder}/`) || parent === '' || folder.startsWith(`${parent}/`),
  );
};

/** The text of `info/sparse-checkout`, as `git sparse-checkout set --cone` would write it; undefined for the whole repository. */
export const conePatterns = (folders: readonly string[]): string | undefined => {
  if (folders.length === 0) return;
  const whole = folders.filter((folder) => !folders.some((other) => folder.startsWith(`${other}/`)));
  const above = new Set(whole.flatMap(parentsOf));
  return [
    ...['/*', '!/*/'],
    ...[...above].toSorted().flatMap((folder) => [`/${escaped(folder)}/`, `!/${escaped(folder)}/*/`]),
    ...[...new Set(whole)].toSorted().map((folder) => `/${escaped(folder)}/`),
    '',
  ].join('\n');
};

/** `a`, `a/b` for `a/b/c`. */
const parentsOf = (path: string): string[] => {
  const parent = folderOf(path);
  return parent === '' ? [] : [...parentsOf(parent), parent];
};

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

const escaped = (path: string): string => path.replaceAll(/[\\*?[\]]/g, (special) => `\\${special}`);
