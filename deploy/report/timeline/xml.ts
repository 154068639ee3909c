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

/** About as much of a text as fits into so many pixels; nothing where no word would be left of it. */
export const fitted = (text: string, width: number, fontSize: number): string => {
  const most = Math.floor((width - 6) / (fontSize * 0.58));
  const whole = oneLine(text, 160);
  if ([...whole].length <= most) return whole;
  return most < 4 ? '' : oneLine(whole, most);
};
