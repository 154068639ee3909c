/**
 * The path that a line names, when the line does nothing else: `src/a.ts`, `**src/a.ts**`, `### src/a.ts`,
 * `File: src/a.ts`, with backticks, a list mark, a colon or a note such as "(new file)". A sentence names none:
 * "this is how `a.ts` uses it:" may stand before a mere example, and the example would replace the file.
 */
export const labelPath = (line: string): string | undefined => {
  if (line.length > longestLabel) return;
  let text = line.trim();
  let named = false;
  for (let before = ''; before !== text; ) {
    before = text;
    text = undecorate(text);
    const keyword = keywordPattern.exec(text)?.[0];
    if (keyword) {
      named = true;
      text = text.slice(keyword.length).trim();
    }
    const quoted = quotedPattern.exec(text)?.[1];
    if (quoted !== undefined) return asPath(quoted, true);
  }
  return asPath(text, named);
};

/** Whether a line may be a path whose spaces make a sentence of it. Only the writer of the reply knows. */
export const maybeSpacedPath = (line: string): boolean => {
  if (line.length > longestLabel) return false;
  const text = undecorate(line.trim());
  return /\s/.test(text) && /\.\w{1,8}$/.test(text);
};

/** The path in the info string of a fence: `ts src/a.ts`, `ts title="src/a.ts"`, `ts:src/a.ts`, `src/a.ts:1`. */
export const infoPath = (info: string): string | undefined => {
  if (info.length > longestLabel) return;
  const attribute = attributePattern.exec(info);
  if (attribute) return asPath(attribute[1] ?? attribute[2] ?? attribute[3] ?? '', true);
  const words = info
    .replace(/\{[^}]*\}/g, ' ')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length > 2) return;
  const last = words.at(-1);
  if (last === undefined) return;
  const bare = last.replace(/^[`"'(]+|[`"')]+$/g, '');
  // `12:20:src/a.ts` and `src/a.ts:12-20` are how editors cite a range, `ts:src/a.ts` how they name a language.
  const cited = /^\d+:\d+:(.+)$/.exec(bare)?.[1] ?? bare.replace(/:\d+(?:-\d+)?$/, '');
  const unlanguaged = /^[\w+#-]{2,}:(?=[^/\\])(.+)$/.exec(cited)?.[1] ?? cited;
  return asPath(unlanguaged, false);
};

/** First line of a range that the info string cites, when it says that the block is only a part of the file. */
export const citedPart = (info: string): number | undefined => {
  if (info.length > longestLabel) return;
  const cited = /(?:^|\s)(\d+):\d+:\S+\.\S+$/.exec(info.trim()) ?? /\S+\.\w+:(\d+)-\d+$/.exec(info.trim());
  const first = Number(cited?.[1] ?? 1);
  return first > 1 ? first : undefined;
};

/** The path in a first line such as `// src/a.ts`, which many models put into the file itself. */
export const commentPath = (line: string): string | undefined => {
  if (line.length > longestLabel) return;
  const text = /^\s*(?:\/\/|#|--|;|\/\*+|<!--)\s*(.+?)\s*(?:\*\/|-->)?\s*$/.exec(line)?.[1];
  if (text === undefined || /^#/.test(text)) return;
  const path = asPath(text.replace(keywordPattern, ''), false);
  return path?.includes('/') ? path : undefined;
};

/**
 * The path of a line `DELETE path`; undefined for any other line. `unsure` when it has spaces and stands in no quotes: then the
 * line may be a sentence, and only a file of that name makes it a path.
 */
export const deletedPath = (
  line: string,
): { readonly path: string; readonly unsure: boolean } | undefined => {
  if (line.length > longestLabel) return;
  const text = undecorate(line.trim());
  const rest = /^(?:\*\*)?DELETE(?:\*\*)?(?: FILE)?:?(?:\*\*)?\s+(.+)$/.exec(text)?.[1]?.trim();
  if (rest === undefined) return;
  const quoted = /^`+([^`]+)`+$/.exec(rest)?.[1] ?? /^"([^"]+)"$/.exec(rest)?.[1];
  if (quoted !== undefined) return { path: clean(quoted), unsure: false };
  return { path: clean(rest.replace(/^\*\*|\*\*$/g, '')), unsure: /\s/.test(rest) };
};

/** Whether a line is the claim that there is nothing to do. Only in capitals: prose says the same in passing. */
export const claimsNothing = (line: string): boolean =>
  line.length < 100 && /^NOTHING TO CHANGE[.!]?$/.test(undecorate(line.trim()).replace(/^[`"]+|[`"]+$/g, ''));

/** Longer lines name no path. The patterns here need time quadratic in a line, and replies are hostile (G9). */
const longestLabel = 600;

const keywordPattern =
  /^(?:(?:new|updated?|modif(?:y|ied)|created?|edit(?:ed)?|full|complete|final|the)\s+)*(?:file(?:[ -]?(?:name|path))?|path)\s*:\s*|^(?:create|update|modify|edit|new|updated)\s*:?\s+(?=`)/i;
const quotedPattern = /^`+([^`]+)`+\s*:?\s*(?:\([^)]*\))?\s*:?$/;
const attributePattern =
  /(?:^|[\s{,])(?:title|file|filename|filepath|path|name)\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|([^\s},]+))/i;
const notePattern = /\s+[(\[](?:new|updat|modif|chang|creat|edit|full|complet|final|whole)[^)\]]*[)\]]$/i;

const undecorate = (text: string): string =>
  text
    .replace(/^#{1,6}\s+/, '')
    .replace(/\s+#+$/, '')
    .replace(/^(?:[-*+]|\d{1,3}[.)])\s+/, '')
    .replace(/^(\*\*|\*)(.+?)\1\s*(:?)\s*$/, '$2$3')
    .replace(/^\*\*([^*]+:)\*\*\s*/, '$1 ')
    .replace(notePattern, '')
    .replace(/^(\S.*\S)\s*:$/, '$1')
    .trim();

/** Names without a dot or slash that are files all the same. */
const plainNames =
  /^(?:makefile|dockerfile|containerfile|justfile|procfile|rakefile|gemfile|jenkinsfile|license|licence|readme|changelog|notice|authors|codeowners|todo|version|brewfile|vagrantfile)$/i;

const asPath = (text: string, named: boolean): string | undefined => {
  if (text === '' || text.length > 1_000) return;
  if (!named && /[\s`*"'<>|(){}[\],;!?=]/.test(text.replace(/[[({]\.{0,3}\w+[\])}]/g, ''))) return;
  if (/^\w+:\/\//.test(text)) return;
  const looksLikeOne = /[^.]\.[\w-]+$|^\.[\w.-]+$|[/\\]/.test(text) || plainNames.test(text);
  if (!looksLikeOne && !(named && !/\s/.test(text) && !/^[a-z]+$/.test(text))) return;
  return /^[\d.]+$/.test(text) ? undefined : clean(text);
};

const clean = (path: string): string => path.replace(/^(?:\.\/)+(?=.)/, '');
