import { commitFacts } from '../git/commitObject.ts';
import { readObjects } from '../git/objects.ts';
import { type Bench, isOid } from './bench.ts';

export interface CommitFacts {
  readonly tree: string;
  /** Committer date, seconds since the epoch. */
  readonly date: number;
}

/** Tree and date of each commit that is in the repository; others are left out. */
export const factsOf = async (
  bench: Bench,
  oids: readonly string[],
): Promise<ReadonlyMap<string, CommitFacts>> => {
  const objects = await readObjects(bench.repo, oids.filter(isOid), bench.signal);
  const facts = new Map<string, CommitFacts>();
  for (const [oid, object] of objects) {
    if (object.type !== 'commit') continue;
    const { tree, seconds } = commitFacts(object);
    facts.set(oid, { tree, date: seconds });
  }
  return facts;
};
