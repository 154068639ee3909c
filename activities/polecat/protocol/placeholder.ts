/** What stands before and after the words in a comment of any usual language. */
const comment =
  /^\s*(?:\/\/|#|--|;|%|\/\*+|\*|<!--|\{\/\*|"""|''')?\s*[([{]?\s*(.*?)\s*[)\]}]?\s*(?:\*\/\}?|-->|"""|''')?\s*$/;
const marked = /^\s*(?:\/\/|#|--|;|%|\/\*+|<!--|\{\/\*)/;
const dots = /\.{3}|…/;
const omission =
  /\b(?:existing|rest|remain(?:s|ing|der)?|unchanged|previous|same|other|omitted|unmodified|before|above|keep|your|snip)\b/i;
const sentence =
  /^(?:the\s+)?(?:rest|remainder) of (?:the |your |this )?(?:\w+ )?(?:file|code|class|function|module|component|implementation|tests?|imports?|methods?)\b|^(?:(?:keep|leave) )?(?:the )?(?:existing|other|previous|remaining) (?:code|functions?|methods?|imports?|tests?|implementation)\b.*(?:here|unchanged|same|as before|as is)\W*$|(?:remains?|stays?) (?:the same|unchanged|as (?:is|before))\W*$|^(?:same|code|unchanged|as) (?:as )?before\W*$|^existing code\W*$/i;

/**
 * Whether a line stands for text that the model left out: `// ... existing code ...`, `# rest of the file unchanged`.
 * Only comments and lines of nothing but dots and such words: code may have dots of its own.
 */
export const isPlaceholder = (line: string): boolean => {
  if (line.length > 200) return false;
  const words = comment.exec(line)?.[1] ?? '';
  if (dots.test(line) && omission.test(words)) {
    return marked.test(line) || /^\s*(?:\.{3}|…)/.test(words);
  }
  return marked.test(line) && sentence.test(words);
};

/** Index of the first placeholder in new lines that was not in the file already. */
export const placeholderAt = (lines: readonly string[], before: readonly string[]): number | undefined => {
  let known: Set<string> | undefined;
  for (const [index, line] of lines.entries()) {
    if (!isPlaceholder(line)) continue;
    known ??= new Set(before.map((old) => old.trim()));
    if (!known.has(line.trim())) return index;
  }
  return;
};
