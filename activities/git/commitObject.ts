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

/** Reads a raw commit object. Headers of several lines, such as signatures, go on with a blank. */
export const commitFacts = ({ oid, bytes }: GitObject): CommitFacts => {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\n\n');
  const headers = (end < 0 ? text : text.slice(0, end)).split('\n');
  const valuesOf = (key: string): string[] =>
    headers.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  return {
    commit: oid,
    tree: valuesOf('tree')[0] ?? '',
    seconds: Number(/ (-?\d+) [+-]\d{4}$/.exec(valuesOf('committer')[0] ?? '')?.[1] ?? 0),
    parents: valuesOf('parent'),
    message: end < 0 ? '' : text.slice(end + 2),
  };
};
