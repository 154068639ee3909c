/** Real branches with planted faults, and what must become of them. */
import type { Submission } from '../../../workflows/domain/queue/submission.ts';
import type { RefineryTown } from '../../activities/refinery/town.ts';
import type { Files } from '../../support/repo.ts';

export interface Planted {
  readonly submission: Submission;
  readonly is: 'good' | 'bad' | 'conflicting';
  /** For one that conflicts: the other one of its pair, by number. One of both lands. */
  readonly with?: number;
}

const folders = 25;

export const baseFiles = (branches: number): Files => ({
  ...Object.fromEntries(
    Array.from({ length: branches }, (_, pair) => [`shared/${pair}.txt`, `line of ${pair}\n`]),
  ),
  'src/start.txt': 'start\n',
  // The second half of the gate alone: what a tree is worth takes no time to find out.
  'check.sh': 'if grep -rn BROKEN src; then echo "error: something is BROKEN"; exit 1; fi\n',
  'burn.mjs':
    'const end = process.cpuUsage().user + Number(process.argv[2]) * 1e6;\nwhile (process.cpuUsage().user < end);\n',
});

/** Every so many branches one is bad, and two that follow each other conflict; which ones, the seed says. */
export const plantBranches = async (
  town: RefineryTown,
  { count, bad, conflicts, seed }: { count: number; bad: number; conflicts: number; seed: number },
): Promise<readonly Planted[]> => {
  const draw = mulberry32(seed);
  const kinds: Planted['is'][] = Array.from({ length: count }, () => 'good');
  const pick = (): number => {
    for (;;) {
      const at = Math.floor(draw() * count);
      if (kinds[at] === 'good') return at;
    }
  };
  for (let left = Math.round(count * bad); left > 0; left--) kinds[pick()] = 'bad';
  const partner = new Map<number, number>();
  for (let left = Math.round((count * conflicts) / 2); left > 0; left--) {
    const [one, other] = [pick(), -1];
    kinds[one] = 'conflicting';
    const second = other < 0 ? pick() : other;
    kinds[second] = 'conflicting';
    partner.set(one, second).set(second, one);
  }
  const planted: Planted[] = [];
  for (const [at, is] of kinds.entries()) {
    const own = { [`src/${at % folders}/${at}.txt`]: is === 'bad' ? 'BROKEN\n' : `work ${at}\n` };
    const pair = partner.get(at);
    const shared = pair === undefined ? {} : { [`shared/${Math.min(at, pair)}.txt`]: `as ${at} wants it\n` };
    const submission = await town.bead(`b${at}`, { ...own, ...shared });
    planted.push({ submission, is, ...(pair === undefined ? {} : { with: pair }) });
  }
  return planted;
};

const mulberry32 = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
