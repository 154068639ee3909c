import { oneLine } from '../../workflows/domain/text.ts';
import { estimateTokens } from '../models/tokens.ts';
import { shownPath } from '../polecat/safety.ts';
import { masked } from '../polecat/untrusted.ts';
import { bareName } from './outline.ts';

/** A file as a map may show it. */
export interface Entry {
  readonly path: string;
  readonly names: readonly string[];
}

/** A map as text, and the paths that are in it. */
export interface RenderedMap {
  readonly text: string;
  readonly paths: readonly string[];
}

/** Share of the room that names of files take before their contents are told. */
const pathShare = 0.75;
/** Characters of a file's names: in full for the first files, bare for the next. */
const detail = { full: 700, bare: 160, fullFiles: 12 } as const;

/**
 * The most important files, one a line, with what they define; then others by folder, as many as there is room for: never
 * more than `tokens`. Every path and name is made harmless (G9).
 */
export const renderMap = (ranked: readonly Entry[], tokens: number): RenderedMap => {
  const fits = (chars: number): boolean => estimateTokens(chars) <= tokens;
  const kept: Line[] = [];
  const folders = new Set<string>();
  const cost = ({ folder, name }: Line): number =>
    name.length + 3 + (folders.has(folder) ? 0 : folder.length + 2);
  // The line that says how many are left out.
  let chars = 40;
  for (const entry of ranked) {
    const line = lineOf(entry);
    const more = cost(line);
    if (estimateTokens(chars + more) > tokens * pathShare) break;
    kept.push(line);
    folders.add(line.folder);
    chars += more;
  }
  for (const [rank, line] of kept.entries()) {
    const told = rank < detail.fullFiles ? full(line.entry) : bare(line.entry);
    // The line then begins with the whole path.
    const more = line.folder.length + told.length + 3;
    if (told === '' || !fits(chars + more)) continue;
    line.told = told;
    chars += more;
  }
  // What the contents of files did not need.
  for (const entry of ranked.slice(kept.length)) {
    const line = lineOf(entry);
    const more = cost(line);
    if (!fits(chars + more)) break;
    kept.push(line);
    folders.add(line.folder);
    chars += more;
  }
  if (kept.length === 0) return { text: '', paths: [] };
  const left = ranked.length - kept.length;
  return {
    text: [...blocks(kept), ...(left > 0 ? [`… and ${left} more`] : [])].join('\n'),
    paths: kept.map(({ entry }) => entry.path),
  };
};

interface Line {
  readonly entry: Entry;
  readonly folder: string;
  readonly name: string;
  told: string;
}

const lineOf = (entry: Entry): Line => {
  // Made harmless as a whole: parts that are harmless by themselves, such as `<` and `/s>`, may not be so together.
  const path = masked(shownPath(entry.path));
  const cut = path.lastIndexOf('/') + 1;
  return { entry, folder: path.slice(0, cut), name: path.slice(cut), told: '' };
};

/** Files with what they define have a line each, the others share one by folder. */
const blocks = (lines: readonly Line[]): string[] => {
  const told = lines.filter((line) => line.told !== '');
  const folders = new Map<string, string[]>();
  for (const { folder, name } of lines.filter((line) => line.told === '')) {
    const same = folders.get(folder);
    if (same === undefined) folders.set(folder, [name]);
    else same.push(name);
  }
  return [
    ...told.map(({ folder, name, told: names }) => `${folder}${name}: ${names}`),
    ...[...folders].map(([folder, names]) => `${folder === '' ? './' : folder} ${names.join(', ')}`),
  ];
};

const full = ({ names }: Entry): string => listed(names, '; ', detail.full);

const bare = ({ path, names }: Entry): string =>
  /\.(?:md|markdown|mdx)$/i.test(path)
    ? listed(names, '; ', detail.bare)
    : listed([...new Set(names.map(bareName))], ', ', detail.bare);

const listed = (names: readonly string[], between: string, chars: number): string => {
  let text = '';
  for (const name of names) {
    const next = text === '' ? name : `${text}${between}${name}`;
    if (next.length > chars) break;
    text = next;
  }
  return masked(oneLine(text, chars));
};
