import { type Bench, isOid } from './bench.ts';

export interface CommitFacts {
  readonly tree: string;
  /** Committer date, seconds since the epoch. */
  readonly date: number;
}

/** Tree and date of each commit that is in the repository; others are left out. Two processes for any number. */
export const factsOf = async (
  bench: Bench,
  oids: readonly string[],
): Promise<ReadonlyMap<string, CommitFacts>> => {
  const wanted = [...new Set(oids.filter(isOid))];
  const check = await bench.plumb(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    input: `${wanted.join('\n')}\n`,
  });
  const present = wanted.filter((oid) => check.stdout.includes(`${oid} commit`));
  if (present.length === 0) return new Map();
  const { stdout } = await bench.plumb(['log', '--no-walk=unsorted', '--format=%H %T %ct', ...present]);
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => {
        const [oid = '', tree = '', date = '0'] = line.split(' ');
        return [oid, { tree, date: Number(date) }];
      }),
  );
};
