import { isMap, isScalar, isSeq, type Node, type Pair, parseDocument } from 'yaml';

/**
 * Changes to a gastown.yaml that a person wrote: everything else of it, comments and blank lines included, stays as it is.
 * The parser only tells where to cut: writing its document back would lay out the whole file anew.
 */

/** Adds an entry to a section, after its last one. The section is made when it is not there. */
export const addEntry = (text: string, section: string, name: string, lines: readonly string[]): string => {
  const pair = pairAt(mapOf(text), section);
  if (pair === undefined) {
    const before = text.endsWith('\n') || text === '' ? text : `${text}${newline(text)}`;
    return before + joined(text, ['', `${section}:`, ...indented('  ', name, lines)]);
  }
  const map = pair.value;
  const last = isMap<Node, Node | null>(map) && map.flow !== true ? map.items.at(-1) : undefined;
  if (last === undefined) return rewritten(text, section, name, lines);
  const indent = ' '.repeat(columnOf(text, startOf(last)));
  const end = endOfEntry(text, last, indent.length);
  const before = text.slice(0, end);
  const glue = before.endsWith('\n') ? '' : newline(text);
  return before + glue + joined(text, indented(indent, name, lines)) + text.slice(end);
};

/** Removes an entry with the comments that stand right above it. */
export const removeEntry = (text: string, section: string, name: string): string => {
  const map = pairAt(mapOf(text), section)?.value;
  const pair = isMap(map) ? pairAt(map, name) : undefined;
  if (pair === undefined) return text;
  if (isMap(map) && map.flow === true) {
    const document = parseDocument(text);
    document.deleteIn([section, name]);
    return document.toString({ lineWidth: 0, flowCollectionPadding: false });
  }
  const indent = columnOf(text, startOf(pair));
  let start = startOf(pair) - indent;
  for (;;) {
    const above = lineBefore(text, start);
    if (above === undefined || !new RegExp(`^ {${indent}}#`).test(above)) break;
    start -= above.length;
  }
  return text.slice(0, start) + text.slice(endOfEntry(text, pair, indent + 1));
};

/** Adds a plain word to a list, as `hosts` of a model is. */
export const addToList = (text: string, path: readonly [string, string, string], word: string): string => {
  const entry = pairAt(pairAt(mapOf(text), path[0])?.value, path[1])?.value;
  const list = pairAt(entry, path[2])?.value;
  if (!isSeq(list) || list.items.length === 0) return text;
  const end = (list.items.at(-1) as Node).range?.[1] ?? 0;
  if (list.flow === true) return `${text.slice(0, end)}, ${word}${text.slice(end)}`;
  const column = columnOf(text, text.lastIndexOf('-', (list.items.at(-1) as Node).range?.[0] ?? 0));
  const next = afterLine(text, end);
  const glue = text[next - 1] === '\n' ? '' : newline(text);
  return `${text.slice(0, next)}${glue}${joined(text, [`${' '.repeat(column)}- ${word}`])}${text.slice(next)}`;
};

type Entry = Pair<Node, Node | null>;

const mapOf = (text: string): unknown => parseDocument(text).contents;

const pairAt = (map: unknown, key: string): Entry | undefined =>
  isMap<Node, Node | null>(map)
    ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
    : undefined;

const startOf = (pair: Entry): number => pair.key.range?.[0] ?? 0;

/** After the last line of an entry, and after the comments below it that are indented at least so far. */
const endOfEntry = (text: string, pair: Entry, indent: number): number => {
  let end = (pair.value ?? pair.key).range?.[1] ?? text.length;
  if (text[end - 1] !== '\n') end = afterLine(text, end);
  for (;;) {
    const next = text.slice(end, afterLine(text, end));
    if (!new RegExp(`^ {${Math.max(indent, 1)},}#`).test(next)) return end;
    end += next.length;
  }
};

const afterLine = (text: string, from: number): number => {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at + 1;
};

const lineBefore = (text: string, start: number): string | undefined =>
  start === 0 ? undefined : text.slice(text.lastIndexOf('\n', start - 2) + 1, start);

const columnOf = (text: string, offset: number): number => offset - (text.lastIndexOf('\n', offset - 1) + 1);

const newline = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

const joined = (text: string, lines: readonly string[]): string =>
  lines.map((line) => `${line}${newline(text)}`).join('');

const indented = (indent: string, name: string, lines: readonly string[]): string[] => [
  `${indent}${name}:`,
  ...lines.map((line) => `${indent}  ${line}`),
];

/** A section in braces, or an empty one, has no place for lines: the parser writes it. */
const rewritten = (text: string, section: string, name: string, lines: readonly string[]): string => {
  const document = parseDocument(text);
  document.setIn([section, name], parseDocument(lines.join('\n')).toJS());
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
};
