import { oneLine } from '../../../workflows/domain/text.ts';

/** Text that stays text in XML, as content and in attributes in double quotes (G9): one line, without what XML forbids. */
export const xmlText = (text: string, max = 160): string =>
  oneLine(text.replaceAll(forbidden, ''), max).replaceAll(
    /[&<>"']/g,
    (character) => entities[character] ?? '',
  );

/** Code points that no document may hold, however they are written. */
const forbidden = /[\ufffe\uffff]/g;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A coordinate: a tenth of a pixel is as fine as anybody sees. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

/** About how wide a text is drawn; who draws it chooses the font. */
export const widthOf = (text: string, fontSize: number): number =>
  [...text].reduce((sum, character) => sum + fontSize * (wide.test(character) ? 1.3 : 0.62), 0);

/** Scripts and signs that take a square. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Extended_Pictographic}/u;

/** As much of a text as fits into so many pixels; nothing where no word would be left of it. */
export const fitted = (text: string, width: number, fontSize: number): string => {
  const whole = oneLine(text, 160);
  const room = width - 6;
  if (widthOf(whole, fontSize) <= room) return whole;
  let left = room;
  const kept = [...whole].findIndex((character) => (left -= widthOf(character, fontSize)) < 0);
  return kept < 4 ? '' : oneLine(whole, kept);
};
