import { createHash } from 'node:crypto';
import { type SecretShape, secretShapes, shownShapes } from './shapes.ts';

/** A secret in a text, and what stands in its place wherever the text is kept or shown. */
export interface FoundSecret {
  readonly kind: string;
  readonly value: string;
  readonly placeholder: string;
}

/**
 * Takes secrets out of texts: those that are known by their shape, and those that this town was given. What stands in their
 * place names the kind and a short hash: the same secret has the same one everywhere, so a model can move it about in a file
 * whose text it never saw, and `restored` puts it back.
 */
export interface Concealer {
  readonly conceal: (text: string) => string;
  readonly found: (text: string) => readonly FoundSecret[];
  /** Length of the longest value of this town that has blanks or lines inside; 0 without one. */
  readonly broken: number;
}

/** Shorter values are words; to take them out of every text would tell more than it hides. */
const shortestValue = 8;

const names = [...secretShapes, ...shownShapes].map(({ name }) => token(name)).join('|');
/** What `placeholderOf` makes. */
const placeholder = new RegExp(`\\bREDACTED_(?:${names}|OWN_SECRET)_[0-9a-f]{8}\\b`, 'g');

/** `values`: keys and passwords of this town by value, as its environment has them; whatever is too short to be one is left out. */
export const createConcealer = (values: readonly string[] = []): Concealer =>
  concealerOf(values, secretShapes);

/** The same for a view that is shown to people and kept nowhere: it hides what only may be a secret too. */
export const forShow = (concealer: Concealer): Concealer => {
  const guessed = concealerOf([], shownShapes);
  const found = (text: string): readonly FoundSecret[] => [...concealer.found(text), ...guessed.found(text)];
  return { found, broken: concealer.broken, conceal: (text) => guessed.conceal(concealer.conceal(text)) };
};

const concealerOf = (values: readonly string[], shapes: readonly SecretShape[]): Concealer => {
  const own = [...new Set(values.map((value) => value.trim()))]
    .filter((value) => value.length >= shortestValue)
    // A longer one may hold a shorter one.
    .toSorted((a, b) => b.length - a.length);

  const found = (text: string): readonly FoundSecret[] => {
    const all = new Map<string, FoundSecret>();
    const note = (kind: string, value: string): void => {
      if (!all.has(value) && !isPlaceholder(value))
        all.set(value, { kind, value, placeholder: placeholderOf(kind, value) });
    };
    for (const value of own) if (text.includes(value)) note('own-secret', value);
    for (const { name, pattern } of shapes)
      for (const match of text.matchAll(pattern)) note(name, match.groups?.['secret'] ?? match[0]);
    return [...all.values()].toSorted((a, b) => b.value.length - a.value.length);
  };

  return {
    found,
    broken: Math.max(0, ...own.filter((value) => /\s/.test(value)).map(({ length }) => length)),
    conceal: (text) =>
      found(text).reduce(
        (left, { value, placeholder: instead }) => left.replaceAll(value, () => instead),
        text,
      ),
  };
};

/**
 * A text of a model with its placeholders turned back into the secrets of `sources`, the texts that it was shown a concealed form
 * of. `unknown` are those that none of these has: made up, or of another file.
 */
export const restored = (
  text: string,
  sources: readonly string[],
  { found }: Concealer,
): { readonly text: string; readonly unknown: readonly string[] } => {
  if (text.search(placeholder) < 0) return { text, unknown: [] };
  const known = new Map(
    sources.flatMap((source) => found(source).map((one) => [one.placeholder, one.value] as const)),
  );
  const unknown = new Set<string>();
  const back = text.replaceAll(placeholder, (one) => {
    const value = known.get(one);
    if (value === undefined) unknown.add(one);
    return value ?? one;
  });
  return { text: back, unknown: [...unknown] };
};

/** Every string in a plain value, concealed; for what travels into histories and logs. */
export const concealedDeep = <T>(value: T, conceal: (text: string) => string): T => {
  if (typeof value === 'string') return conceal(value) as T;
  if (Array.isArray(value)) return value.map((one: unknown) => concealedDeep(one, conceal)) as T;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, concealedDeep(one, conceal)]),
  ) as T;
};

const placeholderOf = (kind: string, value: string): string =>
  `REDACTED_${token(kind)}_${createHash('sha256').update(value).digest('hex').slice(0, 8)}`;

const isPlaceholder = (value: string): boolean => value.match(placeholder)?.[0] === value;

function token(kind: string): string {
  return kind.toUpperCase().replaceAll('-', '_');
}
