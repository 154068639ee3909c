/** What stands before and after the words in a comment of any usual language. */
const comment =
  /^\s*(?:\/\/|#|--|;|%|\/\*+|\*|<!--|\{\/\*|"""|''')?\s*[([{]?\s*(.*?)\s*[)\]}]?\s*(?:\*\/\}?|-->|"""|''')?\s*$/;
const marked = /^\s*(?:\/\/|#|--|;|%|\/\*+|<!--|\{\/\*)/;
const dots = /\.{3}|…/;
const omission =
  /\b(?:existing|rest|remain(?:s|ing|der)?|unchanged|previous|same|other|omitted|unmodified|before|above|keep|your|snip)\b/i;
const sentence =
  /^(?:the\s+)?(?:rest|remainder) of (?:the |your |this )?(?:\w+ )?(?:file|code|class|function|module|component|implementation|tests?|imports?|methods?)\b|^(?:(?:keep|leave) )?(?:the )?(?:existing|other|previous|remaining) (?:code|functions?|methods?|imports?|tests?|implementation)\b.*(?:here|unchanged|same|as before|as is)\W*$|(?:remains?|stays?) (?:the same|unchanged|as (?:is|before))\W*$|^(?:same|code|unchanged|as) (?:as )?before\W*$|^existing code\W*$/i;

/** Nothing but a sign that something was left out; comments only, and in documents they may be part of an example. */
const sign =
  /^(?:\.{3}|…)(?:\s*\([^)]*\)?)?$|^<?rest of (?:the )?(?:code|file)>?$|^(?:-+\s*)?snip(?:ped)?(?:\s*-+)?$|^truncated$|^(?:the )?(?:code|text|lines?|body|implementation|details|rest) (?:omitted|elided|snipped)(?: for (?:brevity|clarity|space))?\.?$|^(?:implementation |code |lines )?unchanged(?: (?:code|lines|parts?))?\.?$|^remaining \w+ unchanged\.?$|^(?:\.{3}|…)?\s*include (?:the )?(?:original|existing|remaining|rest|all other)\b|^(?:your|the) (?:own )?(?:code|implementation|logic) (?:goes )?here\W*$|^(?:keep|leave) everything else\b|^continue with (?:the )?(?:rest|existing|remaining)\b/i;

/**
 * Whether a line stands for text that the model left out: `// ... existing code ...`, `# rest of the file unchanged`.
 * Only comments and lines of nothing but dots and such words: code may have dots of its own.
 */
export const isPlaceholder = (line: string, prose = false): boolean => {
  if (line.length > 200) return false;
  const words = comment.exec(line)?.[1] ?? '';
  if (!prose && marked.test(line) && sign.test(words)) return true;
  if (dots.test(line) && omission.test(words)) {
    return marked.test(line) || /^\s*(?:\.{3}|…)/.test(words);
  }
  return marked.test(line) && sentence.test(words);
};

/** Index of the first placeholder in new lines that was not in the file already. `prose`: the file is a document. */
export const placeholderAt = (
  lines: readonly string[],
  before: readonly string[],
  prose = false,
): number | undefined => {
  let known: Set<string> | undefined;
  for (const [index, line] of lines.entries()) {
    if (!isPlaceholder(line, prose)) continue;
    known ??= new Set(before.map((old) => old.trim()));
    if (!known.has(line.trim())) return index;
  }
  return;
};
