import type { BenchBead, Changes } from './beadFile.ts';

/** Path → text of a whole repository. */
export type Tree = Readonly<Record<string, string>>;

/** The repository that a bead starts from. */
export const startOf = (bead: BenchBead): Tree =>
  Object.fromEntries(
    Object.entries(bead.repo).map(([path, text]) => [
      path,
      bead.crlf.includes(path) ? text.replaceAll('\n', '\r\n') : text,
    ]),
  );

/** The tree after an answer. Line ends stay as they are in the file. */
export const changed = (tree: Tree, changes: Changes): Tree => {
  const after: Record<string, string> = { ...tree };
  for (const [path, text] of Object.entries(changedTexts(tree, changes))) {
    if (text === undefined) delete after[path];
    else after[path] = tree[path]?.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text;
  }
  return after;
};

/** The new text (LF) of each file of an answer; undefined where it goes away. */
export const changedTexts = (tree: Tree, changes: Changes): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(changes).map(([path, to]) => {
      if (to === null) return [path, undefined];
      if (typeof to === 'string') return [path, to];
      const before = (tree[path] ?? '').replaceAll('\r\n', '\n');
      return [path, before.replace(to.search, () => to.replace)];
    }),
  );
