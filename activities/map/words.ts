/** Longest text whose words are counted, characters. */
const mostChars = 200_000;

/**
 * Words of a text by which files are found: identifiers whole and taken apart (`createTokenGauge`: itself, create, token,
 * gauge), in lower case and without endings, so that "lands" finds `landing`. In order, with repetitions.
 */
export const wordsIn = (text: string): string[] => {
  const found: string[] = [];
  for (const [token] of text.slice(0, mostChars).matchAll(/[\p{L}\p{N}_$]{2,80}/gu)) {
    const parts = partsOf(token);
    for (const part of parts) if (part.length > 1) found.push(stem(part));
    if (parts.length > 1) found.push(parts.join(''));
  }
  return found;
};

/** A word as a number: facts of a hundred thousand words stay small, and no word of a repository is kept. */
export const hashOf = (word: string): number => {
  // FNV-1a.
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
};

/** camelCase, snake_case and digits taken apart, in lower case. */
const partsOf = (token: string): string[] =>
  token
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[\s_$]+/)
    .filter((part) => part !== '' && !/^\p{N}+$/u.test(part));

/** Endings of English words, roughly: what matters is that both sides lose the same. */
const stem = (word: string): string => {
  if (word.length < 5) return word.length === 4 && /[^siu]s$/.test(word) ? word.slice(0, -1) : word;
  const base = word
    .replace(/ies$/, 'y')
    .replace(/(?<=[^siu])s$/, '')
    .replace(/(?<=\w{3})(?:ing|ed|er|or|ion)$/, '')
    .replace(/([^lsz\W])\1$/, '$1');
  return base.replace(/(?<=\w{3})e$/, '');
};
