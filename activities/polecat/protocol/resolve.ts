import type { Edit, Fault } from './edit.ts';
import { applyBlock, linesOf } from './match.ts';
import { placeholderAt } from './placeholder.ts';

/** What an edit makes of a file: its new text (undefined: gone), or why it cannot be done. */
export type Resolved =
  | { readonly fault: undefined; readonly after: string | undefined }
  | { readonly fault: Fault };

/**
 * Applies an edit to the text that the file has now; undefined means there is no such file. A file that used CRLF
 * throughout, or began with a BOM, keeps that, since replies are read as LF.
 */
export const resolveEdit = (edit: Edit, before: string | undefined): Resolved => {
  const malformed = (what: string, line = edit.line, text?: string, near?: string): Resolved => ({
    fault: {
      kind: 'malformed',
      what: `${edit.path}: ${what}`,
      line,
      ...(text === undefined ? {} : { text }),
      ...(near === undefined ? {} : { near }),
    },
  });

  if (edit.kind === 'delete')
    return before === undefined
      ? malformed('DELETE names a file that does not exist.')
      : { fault: undefined, after: undefined };

  const style = styleOf(before ?? '');
  const old = style.plain;
  if (edit.kind === 'write') {
    const lines = linesOf(edit.content);
    const gap = placeholderAt(lines, linesOf(old), isProse(edit.path));
    if (gap !== undefined) return malformed(gapText('The block'), edit.line + 1 + gap, lines[gap]);
    return { fault: undefined, after: style.restored(edit.content) };
  }

  if (before === undefined && edit.blocks.some((block) => block.search.trim() !== ''))
    return malformed('there is no such file to search in. Give the whole file in a fenced block.');
  let text = old;
  for (const block of edit.blocks) {
    const lines = linesOf(block.replace);
    const gap = placeholderAt(lines, [...linesOf(old), ...linesOf(block.search)], isProse(edit.path));
    if (gap !== undefined) return malformed(gapText('The REPLACE text'), block.line, lines[gap]);
    const matched = applyBlock(text, block);
    if (matched.text === undefined)
      return malformed(matched.what, block.line, linesOf(block.search)[0], matched.near);
    text = matched.text;
  }
  return { fault: undefined, after: style.restored(text) };
};

const gapText = (what: string): string =>
  `${what} leaves out text and puts a placeholder there. Everything that is not written is lost: write all lines, or use SEARCH/REPLACE blocks for the lines that change.`;

const isProse = (path: string): boolean => /\.(?:md|mdx|markdown|rst|adoc|txt|html?)$/i.test(path);

interface Style {
  readonly plain: string;
  readonly restored: (text: string) => string;
}

const styleOf = (text: string): Style => {
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const body = text.slice(bom.length);
  const ends = body.split('\n').length - 1;
  const crlf = ends > 0 && body.split('\r\n').length - 1 === ends;
  return {
    plain: crlf ? body.replaceAll('\r\n', '\n') : body,
    restored: (next) => bom + (crlf ? next.replaceAll('\n', '\r\n') : next),
  };
};
