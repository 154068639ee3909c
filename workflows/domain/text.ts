/** What models, repositories and plans wrote, made harmless for terminals and markdown (G9). */

/** Text without terminal escapes, control characters and marks that reorder or hide it. Newlines and tabs stay. */
export const plainLines = (text: string): string =>
  text.replaceAll('\r\n', '\n').replaceAll(escapes, '').replaceAll(unseen, '');

/** The same with every newline and tab as a space. */
export const plain = (text: string): string => plainLines(text).replaceAll(/[\n\t]/g, ' ');

/** One line of at most `max` characters, spaces collapsed, an ellipsis where something was cut. */
export const oneLine = (text: string, max = 120): string => {
  const characters = [...plain(text).replaceAll(/\s+/g, ' ').trim()];
  if (characters.length <= max) return characters.join('');
  return `${characters
    .slice(0, max - 1)
    .join('')
    .trimEnd()}…`;
};

/** One line of markdown in which nothing is live: no link, image, html, code, emphasis, table cell, mention or heading. */
export const markdownText = (text: string, max = 120): string =>
  oneLine(text, max)
    .replaceAll(/[&<>]/g, (character) => entities[character] ?? '')
    .replaceAll(/[\\`*_[\]|~$]/g, (character) => `\\${character}`)
    .replace(/^(\d*)([-+#=.)])(?=[-#=\s]|$)/, '$1\\$2')
    // Some renderers look for addresses after unescaping, so only a character between breaks them.
    .replaceAll('@', `@${wordJoiner}`)
    .replaceAll(/(https?|ftp|mailto|xmpp)(?=:)|(www)(?=\.)/gi, `$&${wordJoiner}`);

/** Characters of text in a summary: escaped and in UTF-8 they stay below Temporal's 400 bytes. */
export const longestSummary = 70;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const wordJoiner = '\u2060';

/**
 * Terminal escapes as whole sequences, with ESC or as C1: CSI; the string kinds (OSC, DCS, SOS, PM, APC) up to their
 * end or, when they never end, to the end of the line; any other escape with its final character.
 */
const csi = String.raw`(?:\x1b\[|\x9b)[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]?`;
const strings = String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?`;
const others = String.raw`\x1b[\x20-\x2f]*[\x30-\x7e]?`;
const escapes = new RegExp(`${csi}|${strings}|${others}`, 'g');

/** Control and format characters (bidi overrides, zero width, tags), line separators, lone surrogates; joiners that scripts and emoji need stay. */
const unseen = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
