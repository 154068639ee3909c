import { readCommit } from '../git/commit.ts';
import type { CommitFacts } from '../git/commitObject.ts';
import { type Bench, isOid } from './bench.ts';

/** Facts of each commit that is in the repository, by id; others are left out. */
export const factsOf = async (
  { repo, signal }: Bench,
  oids: readonly string[],
): Promise<ReadonlyMap<string, CommitFacts>> => {
  const found = await Promise.all(
    [...new Set(oids)].filter(isOid).map((oid) => readCommit(repo, oid, signal)),
  );
  return new Map(found.flatMap((facts) => (facts === undefined ? [] : [[facts.commit, facts] as const])));
};
