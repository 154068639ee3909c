/** The most pieces that are looked at. */
export const mostPieces = 100;
const mostChars = 2_000_000;

/** A part of a reply. */
export interface Piece {
  readonly text: string;
  /** Of the reply, from 1. */
  readonly line: number;
}

/**
 * What stands between two marks, again and again. Not by one pattern, here and below: it would need time quadratic in a hostile
 * reply (G9).
 */
export const between = (text: string, open: string, close: string): Piece[] => {
  const found: Piece[] = [];
  let line = 1;
  let at = 0;
  while (found.length < mostPieces) {
    const start = text.indexOf(open, at);
    const end = start < 0 ? -1 : text.indexOf(close, start);
    if (end < 0) break;
    line += breaks(text.slice(at, start));
    found.push({ text: text.slice(start + open.length, end), line });
    line += breaks(text.slice(start, end));
    at = end;
  }
  return found;
};

/** The insides of fenced blocks. */
export const fences = (text: string): Piece[] => {
  const found: Piece[] = [];
  const lines = text.split('\n');
  let open: number | undefined;
  for (const [index, line] of lines.entries()) {
    const plain = line.trim();
    if (open === undefined ? !/^```[\w-]*$/.test(plain) : plain !== '```') continue;
    if (open !== undefined) found.push({ text: lines.slice(open + 1, index).join('\n'), line: open + 1 });
    open = open === undefined ? index : undefined;
    if (found.length >= mostPieces) break;
  }
  return found;
};

/** Lines that may be an object each. */
export const textLines = (text: string): Piece[] =>
  text.split('\n').flatMap((line, index) => {
    const plain = line.trim();
    return plain.startsWith('{') && plain.endsWith('}') ? [{ text: plain, line: index + 1 }] : [];
  });

const breaks = (text: string): number => text.split('\n').length - 1;

/** Without the line breaks that the tags stand on. */
export const unbroken = (text: string): string => text.replace(/^\n/, '').replace(/\n$/, '');

/** JSON, also with bare line breaks inside its texts. Undefined when it is none. */
export const lenient = (json: string): unknown => {
  if (json.length > mostChars) return;
  for (const text of [json, withEscapedBreaks(json)]) {
    try {
      return JSON.parse(text);
    } catch {
      // the next form
    }
  }
  return;
};

const withEscapedBreaks = (json: string): string => {
  let inText = false;
  let escaped = false;
  let out = '';
  for (const char of json) {
    if (inText && char === '\n') out += '\\n';
    else if (inText && char === '\t') out += '\\t';
    else out += char;
    if (escaped) escaped = false;
    else if (char === '\\') escaped = inText;
    else if (char === '"') inText = !inText;
  }
  return out;
};
