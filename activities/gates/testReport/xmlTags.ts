/** A tag of a document, in its order. */
export type XmlTag =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: string; readonly empty: boolean }
  | { readonly kind: 'close'; readonly name: string }
  /** The document ends in the middle, declares a document type, or is none. */
  | { readonly kind: 'broken' };

/** Characters of one tag. */
const longestTag = 200_000;
const nameForm = /^[A-Za-z_][\w:.-]{0,100}/;

/** The tags of an XML document, one after the other; texts, comments and CDATA are passed over. Every character is looked at once. */
export function* xmlTags(text: string): Generator<XmlTag> {
  let at = text.indexOf('<');
  for (; at >= 0; at = text.indexOf('<', at)) {
    const passed = passedOver(text, at);
    if (passed === undefined) {
      const end = endOfTag(text, at);
      const tag = end === undefined ? undefined : tagOf(text.slice(at + 1, end));
      yield tag ?? { kind: 'broken' };
      if (end === undefined || tag === undefined) return;
      at = end;
    } else if (passed < 0) {
      yield { kind: 'broken' };
      return;
    } else at = passed;
  }
}

/** Where a comment, CDATA or instruction that begins here ends; -1 when it does not, or when nothing of the kind may stand there. */
const passedOver = (text: string, at: number): number | undefined => {
  for (const [begin, end] of [
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
  ] as const) {
    if (text.startsWith(begin, at)) return text.indexOf(end, at + begin.length);
  }
  return text.startsWith('<!', at) ? -1 : undefined;
};

/** The `>` of the tag that begins here, outside of quotes. */
const endOfTag = (text: string, at: number): number | undefined => {
  let quote: string | undefined;
  const last = Math.min(text.length, at + longestTag);
  for (let index = at + 1; index < last; index += 1) {
    const character = text[index];
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
    } else if (character === '>') return index;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '<') return;
  }
  return;
};

const tagOf = (inside: string): XmlTag | undefined => {
  const closes = inside.startsWith('/');
  const name = nameForm.exec(closes ? inside.slice(1) : inside)?.[0];
  if (name === undefined) return;
  if (closes) return { kind: 'close', name };
  const empty = inside.endsWith('/');
  return { kind: 'open', name, attributes: inside.slice(name.length, empty ? -1 : undefined), empty };
};

/** The attributes that name a test, with their characters as they were meant. */
export const attributesOf = (text: string): { readonly name?: string; readonly classname?: string } => {
  const found: { name?: string; classname?: string } = {};
  for (const [, key, double, single] of text.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    if (key === 'name' || key === 'classname')
      found[key] = unescaped((double ?? single ?? '').slice(0, 2_000));
  }
  return found;
};

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

const unescaped = (text: string): string =>
  text.replaceAll(
    /&(?:(lt|gt|quot|apos|amp)|#(\d{1,7})|#x([\da-fA-F]{1,6}));/g,
    (whole, word, decimal, hex) => {
      if (word !== undefined) return entities[String(word)] ?? '';
      const code = hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : String(whole);
    },
  );
