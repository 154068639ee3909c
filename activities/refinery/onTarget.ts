import { gitRef, parseBeadKey, trailer } from '../../workflows/domain/naming.ts';
import type { Submission } from '../../workflows/domain/queue/submission.ts';
import { type Bench, commitOf } from './bench.ts';

/**
 * Finds the members whose change is on the target already, by their trailers since the convoy's first base (G1, G4):
 * after a power loss git may be ahead of Temporal. Returns the landed commit by bead key.
 */
export const findLanded = async (
  bench: Bench,
  tip: string,
  members: readonly Submission[],
): Promise<ReadonlyMap<string, string>> => {
  const byConvoy = Map.groupBy(members, (one) => parseBeadKey(one.bead)?.convoy ?? '');
  const found = new Map<string, string>();
  for (const [convoy, beads] of byConvoy) {
    const claim = convoy === '' ? undefined : await commitOf(bench, gitRef.convoy(convoy));
    // A person's branch belongs to no convoy: it can only have landed after where it left the target.
    const [only] = beads;
    const isOwn = beads.length === 1 && only?.keepsHistory === true;
    const since = claim ?? (isOwn ? await commitOf(bench, only.base) : undefined);
    for (const { bead, task, commit } of await trailersOf(bench, tip, since)) {
      if (beads.some((one) => one.bead === bead && one.taskRef === task)) found.set(bead, commit);
    }
  }
  return found;
};

const format = `%H%x1f%(trailers:key=${trailer.bead},valueonly,unfold)%x1f%(trailers:key=${trailer.task},valueonly,unfold)%x1e`;

const trailersOf = async (
  bench: Bench,
  tip: string,
  since: string | undefined,
): Promise<readonly { commit: string; bead: string; task: string }[]> => {
  const range = since === undefined ? [tip] : [tip, `^${since}`];
  const { stdout } = await bench.plumb([
    'log',
    `--format=${format}`,
    '--fixed-strings',
    `--grep=${trailer.task}: `,
    ...range,
  ]);
  return stdout.split('\x1e').flatMap((record) => {
    const [commit = '', bead = '', task = ''] = record.split('\x1f').map((field) => field.trim());
    return bead === '' ? [] : [{ commit, bead, task }];
  });
};
