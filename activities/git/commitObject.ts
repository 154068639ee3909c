import type { GitObject } from './objects.ts';

/** What stands in a commit object. */
export interface CommitFacts {
  readonly commit: string;
  readonly tree: string;
  /** Committer date, seconds since 1970. */
  readonly seconds: number;
  readonly parents: readonly string[];
  readonly message: string;
}

/**
 * Reads a raw commit object as git does: tree and parents come first, whatever stands further down; headers of several lines, such
 * as signatures, go on with a blank; a date that git could not write again is 0.
 */
export const commitFacts = ({ oid, bytes }: GitObject): CommitFacts => {
  const end = bytes.indexOf('\n\n');
  const [tree = '', ...headers] = bytes.toString('utf8', 0, end < 0 ? bytes.length : end).split('\n');
  const afterParents = headers.findIndex((line) => !line.startsWith('parent '));
  const parents = headers.slice(0, afterParents < 0 ? headers.length : afterParents);
  const valueOf = (key: string): string | undefined =>
    headers.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
  const seconds = Number(/> (\d+) [+-]\d+$/.exec(valueOf('committer') ?? '')?.[1] ?? 0);
  return {
    commit: oid,
    tree: tree.startsWith('tree ') ? tree.slice('tree '.length) : '',
    seconds: Number.isSafeInteger(seconds) ? seconds : 0,
    parents: parents.map((line) => line.slice('parent '.length)),
    message: end < 0 ? '' : decoded(bytes.subarray(end + 2), valueOf('encoding')),
  };
};

/** In the encoding that the commit names; in UTF-8 where it names none, or one that nobody knows. */
const decoded = (bytes: Buffer, encoding = 'utf-8'): string => {
  try {
    return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
};
