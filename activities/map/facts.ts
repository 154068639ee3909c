import { outlineOf } from './outline.ts';
import { hashOf, wordsIn } from './words.ts';

/** What the map knows of one blob, whatever repository and commit it is in. */
export interface FileFacts {
  readonly names: readonly string[];
  readonly imports: readonly string[];
  /** Hashes of its words, ascending. */
  readonly words: Uint32Array;
  /** How often each of them occurs, at most 255. */
  readonly counts: Uint8Array;
  /** Hashes of the words of its names, ascending. */
  readonly defined: Uint32Array;
  /** All its words, with repetitions. */
  readonly length: number;
}

export const noFacts: FileFacts = {
  names: [],
  imports: [],
  words: new Uint32Array(),
  counts: new Uint8Array(),
  defined: new Uint32Array(),
  length: 0,
};

/** Different words that are kept of one file: those beyond are of tables and generated text. */
const mostWords = 2_000;

export const factsOf = (path: string, text: string): FileFacts => {
  const { names, imports } = outlineOf(path, text);
  const times = new Map<number, number>();
  let length = 0;
  for (const word of wordsIn(text)) {
    const hash = hashOf(word);
    const before = times.get(hash) ?? 0;
    length += 1;
    if (before > 0 || times.size < mostWords) times.set(hash, Math.min(255, before + 1));
  }
  const words = Uint32Array.from(times.keys()).sort();
  const counts = Uint8Array.from(words, (hash) => times.get(hash) ?? 0);
  const defined = Uint32Array.from(new Set(wordsIn(names.join('\n')).map(hashOf))).sort();
  return { names, imports, words, counts, defined, length };
};

/** Another form of facts, or other rules for them, has another number. */
export const factsVersion = 1;

export const encodeFacts = ({ names, imports, words, counts, defined, length }: FileFacts): string =>
  JSON.stringify([factsVersion, length, names, imports, base64(words), base64(counts), base64(defined)]);

/** Undefined for what another version wrote, or a power loss tore. */
export const decodeFacts = (text: string): FileFacts | undefined => {
  try {
    const [version, length, names, imports, words, counts, defined] = JSON.parse(text) as [
      ...[number, number, string[], string[], string, string, string],
    ];
    if (version !== factsVersion) return;
    const facts = {
      ...{ names, imports, length },
      words: numbersIn(words),
      counts: new Uint8Array(Buffer.from(counts, 'base64')),
      defined: numbersIn(defined),
    };
    return facts.words.length === facts.counts.length ? facts : undefined;
  } catch {
    return;
  }
};

const base64 = (array: Uint32Array | Uint8Array): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');

const numbersIn = (text: string): Uint32Array => {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  return new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
};
