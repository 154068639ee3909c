/** How wide text is on a terminal: signs of East Asia and emoji take two columns, marks on a letter none. */

/** Columns that a line takes; what paints it takes none. */
export const columnsOf = (text: string): number => {
  if (isPlain(text)) return text.length;
  const bare = text.replaceAll(paint, '');
  if (isPlain(bare)) return bare.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(bare)) columns += widthOf(segment);
  return columns;
};

/** As much of the beginning as fits. */
export const beginning = (text: string, columns: number): string => {
  if (isPlain(text)) return text.slice(0, Math.max(0, columns));
  let [kept, taken] = ['', 0];
  for (const { segment } of graphemes.segment(text)) {
    taken += widthOf(segment);
    if (taken > columns) break;
    kept += segment;
  }
  return kept;
};

/** As much of the end as fits. */
export const ending = (text: string, columns: number): string => {
  if (isPlain(text)) return columns <= 0 ? '' : text.slice(-columns);
  let [kept, taken] = ['', 0];
  for (const { segment } of [...graphemes.segment(text)].toReversed()) {
    taken += widthOf(segment);
    if (taken > columns) break;
    kept = segment + kept;
  }
  return kept;
};

/** Filled with spaces on the right. */
export const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - columnsOf(text)));

const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** Pages are folded after they were painted. */
const paint = /\u001b\[[\d;]*m/g;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

const widthOf = (grapheme: string): number => {
  if (wide.test(grapheme)) return 2;
  return unseen.test(grapheme) ? 0 : 1;
};

/** Also what variation selector 16 makes an emoji of. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\ufe0f|\p{Emoji_Presentation}/u;
const unseen = /^[\p{Mn}\p{Me}\p{Cf}]*$/u;
