import type { Edit, Fault } from './edit.ts';

/** One edit a file: several SEARCH/REPLACE blocks of a file are one edit, and any other second edit is a fault. */
export const mergeEdits = (edits: readonly Edit[]): { edits: Edit[]; faults: Fault[] } => {
  const merged = new Map<string, Edit>();
  const faults: Fault[] = [];
  for (const edit of edits) {
    const before = merged.get(edit.path);
    if (!before) merged.set(edit.path, edit);
    else if (before.kind === 'replace' && edit.kind === 'replace')
      merged.set(edit.path, { ...before, blocks: [...before.blocks, ...edit.blocks] });
    else if (!same(before, edit))
      faults.push({
        kind: 'malformed',
        what: `The reply changes ${edit.path} twice (lines ${before.line} and ${edit.line}). Give each file once.`,
        line: edit.line,
        text: edit.path,
      });
  }
  return { edits: [...merged.values()], faults };
};

const same = (a: Edit, b: Edit): boolean =>
  (a.kind === 'delete' && b.kind === 'delete') ||
  (a.kind === 'write' && b.kind === 'write' && a.content === b.content);
