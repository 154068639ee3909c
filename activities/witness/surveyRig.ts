import { access, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beadKey, gitRef, isSlug, parseBeadKey, trailer } from '../../workflows/domain/naming.ts';
import type { FoundBranch, FoundWorktree, RigFacts } from '../../workflows/domain/patrol/patrol.ts';
import { obstaclesIn } from '../git/obstacle.ts';
import { git } from '../git/run.ts';
import { deadHolder } from '../refinery/claims.ts';
import { isAlive } from '../sandbox/scratch.ts';
import { markedBy } from '../sandbox/strays.ts';
import { guestsIn } from './guests.ts';
import { asideFolder, type Beat, runFolder } from './places.ts';

/** What lies in a rig's folder and repository, with nothing touched. A rig that nobody has opened yet has nothing. */
export const surveyRig = async (beat: Beat): Promise<RigFacts> => {
  const exists = await access(beat.repo).then(
    () => true,
    () => false,
  );
  if (!exists) return { worktrees: [], branches: [], slots: [], runs: [], obstacles: [], aside: [] };
  const [worktrees, refs, runs, obstacles, aside] = await Promise.all([
    worktreesOf(beat),
    refsOf(beat),
    runsOf(beat),
    obstaclesOf(beat),
    readdir(asideFolder(beat)).catch(() => []),
  ]);
  return { worktrees, ...refs, runs, obstacles, aside: aside.slice(0, most) };
};

/** One history holds them all: what is left is found by the next patrol. */
const most = 200;

const worktreesOf = async (beat: Beat): Promise<readonly FoundWorktree[]> => {
  const root = join(beat.rigFolder, 'worktrees');
  const found: { bead: string; path: string }[] = [];
  for (const convoy of await folders(root)) {
    for (const epic of await folders(join(root, convoy))) {
      for (const bead of await folders(join(root, convoy, epic)))
        found.push({ bead: beadKey({ convoy, epic, bead }), path: join(root, convoy, epic, bead) });
    }
  }
  const guests = found.length === 0 ? [] : await guestsIn(root, beat.home.scratch);
  const strangers = guests.filter(({ run }) => run === undefined);
  return Promise.all(
    found.slice(0, most).map(async ({ bead, path }) => ({
      bead,
      ageMs: await ageOf(path, join(path, '.git')),
      guests: strangers.filter(({ cwd }) => `${cwd}/`.includes(`/worktrees/${bead}/`)).length,
    })),
  );
};

const folders = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && isSlug(entry.name)).map(({ name }) => name);
};

/** Since the youngest of these was changed, ms; what cannot be seen is as old as can be. */
const ageOf = async (...paths: readonly string[]): Promise<number> => {
  const times = await Promise.all(
    paths.map((path) =>
      lstat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(0, Math.round(Date.now() - Math.max(...times)));
};

const refsOf = async (beat: Beat): Promise<Pick<RigFacts, 'branches' | 'slots'>> => {
  const format = `%(refname)%00%(objectname)%00%(trailers:key=${trailer.head},valueonly,unfold,separator=%x2C)`;
  const args = ['for-each-ref', `--format=${format}`, 'refs/heads/gt/', 'refs/gt/'];
  const { stdout } = await git(args, { cwd: beat.repo, signal: beat.signal });
  const refs = new Map<string, { readonly oid: string; readonly heads: readonly string[] }>();
  for (const line of stdout.split('\n')) {
    const [name = '', oid = '', heads = ''] = line.split('\0');
    if (oid !== '') refs.set(name, { oid, heads: heads.split(',') });
  }
  const branches: FoundBranch[] = [];
  for (const [name, { oid: head }] of refs) {
    const bead = name.startsWith(branchPrefix) ? parseBeadKey(name.slice(branchPrefix.length)) : undefined;
    if (bead === undefined || branches.length >= most) continue;
    const isBare = refs.get(gitRef.base(bead))?.oid === head;
    const hasLanded = refs.get(gitRef.landed(bead))?.heads.includes(head) === true;
    const holds = isBare ? 'nothing' : hasLanded ? 'landed' : 'work';
    // Packed refs have no file of their own: those are old.
    branches.push({ bead: beadKey(bead), head, ageMs: await ageOf(join(beat.repo, name)), holds });
  }
  const slots: { slot: number; holder: string }[] = [];
  for (const [name, { oid }] of refs) {
    const slot = Number(/^refs\/gt\/slot\/(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(slot) || !(await deadHolder(beat.repo, oid, beat.signal))) continue;
    slots.push({ slot, holder: oid });
  }
  return { branches, slots };
};

const branchPrefix = 'refs/heads/gt/';

/** Runs are the whole home's: whichever rig's patrol comes first clears them. */
const runsOf = async ({ home }: Beat): Promise<RigFacts['runs']> => {
  const names = await readdir(home.scratch).catch(() => []);
  const dead = names.filter((name) => /^\d+-/.test(name) && !isAlive(Number.parseInt(name, 10)));
  return Promise.all(
    dead.slice(0, most).map(async (run) => ({
      run,
      processes: (await markedBy(await runFolder(home, run))).length,
    })),
  );
};

const obstaclesOf = async ({ repo }: Beat): Promise<RigFacts['obstacles']> => {
  const found = await obstaclesIn(repo);
  return Promise.all(
    found.slice(0, most).map(async ({ path }) => ({
      path: path.slice(repo.length + 1),
      ageMs: await ageOf(path),
    })),
  );
};
