import { join } from 'node:path';
import { expect, onTestFailed, test } from 'vitest';
import { type CrashTown, makeCrashTown } from './crashTown.ts';
import type { Mine } from './mines.ts';
import { expectAllLanded, expectGreenMain, expectLandedOnce, expectNothingLeft } from './oracle.ts';
import { gateIn, greensIn, movedTimes, until } from './watch.ts';

/** Where a git call is the moment that we mean. Calls that fit several set them off in the order of their names. */
const mines: readonly Mine[] = [
  { name: 'worktree-add', args: 'worktree add --quiet*', blast: 'half-worktree' },
  {
    name: 'apply-between-branch-and-files',
    args: 'update-ref --stdin',
    input: 'update refs/heads/gt/*',
    unlike: '*refs/gt/base/*',
    blast: 'worker-after',
  },
  { name: 'compose', args: 'merge-tree --write-tree -z [0-9a-f]*', blast: 'worker-after' },
  { name: 'push-1-before', args: '*push --porcelain --atomic*', blast: 'worker-before' },
  { name: 'push-2-midway', args: '*push --porcelain --atomic*', blast: 'git-midway' },
  { name: 'push-3-after', args: '*push --porcelain --atomic*', blast: 'worker-after' },
  {
    name: 'receipts-1-prepared',
    args: 'update-ref --stdin',
    input: 'start*refs/gt/landed/*',
    blast: 'prepared',
  },
  {
    name: 'receipts-2-after',
    args: 'update-ref --stdin',
    input: 'start*refs/gt/landed/*',
    blast: 'worker-after',
  },
  {
    name: 'close-bead',
    args: 'update-ref --stdin',
    input: '*delete refs/heads/gt/*',
    blast: 'worker-before',
  },
  { name: 'git-fetch', args: '*fetch --quiet*', blast: 'git-midway' },
  { name: 'git-commit', args: 'fast-import*', blast: 'git-midway' },
  { name: 'git-reset', args: 'reset --hard*', blast: 'git-midway' },
  { name: 'git-slot', args: 'worktree add -f -f*', blast: 'git-midway' },
  { name: 'git-checkout', args: 'checkout --quiet --force --detach*', blast: 'git-midway' },
  { name: 'git-group', args: 'update-ref refs/gt/group/*', blast: 'git-before' },
  { name: 'spawner', args: 'commit-tree*', blast: 'spawner-midway' },
];

/** Where somebody else's doing is the moment. */
const killAtMoments = async (town: CrashTown, signal: AbortSignal): Promise<readonly string[]> => {
  const { home, repo } = town;
  const rig = join(home, 'rigs/rig');
  const seen: string[] = [];
  const at = async (moment: string, role: 'server' | 'town', look: () => Promise<unknown>): Promise<void> => {
    if ((await until(signal, look)) === undefined) return;
    await town.kill(role, moment);
    seen.push(moment);
  };
  await Promise.all([
    at('a bead’s gates run', 'town', () => gateIn(join(rig, 'worktrees'))).then(() =>
      at('a group’s gates run', 'town', () => gateIn(join(rig, 'slots'))),
    ),
    at('a group is green', 'town', async () =>
      (await greensIn(join(rig, 'greens'))) >= 3 ? true : undefined,
    ),
    at('main moved twice', 'server', movedTimes(repo.path, 'refs/heads/main', 2)),
  ]);
  return seen;
};

test('G5: a convoy lands once and green although workers, server and gits are killed at every delicate point', async () => {
  await using town = await makeCrashTown({
    onPrompt: async (_, nth) => {
      if (nth === 1) await town.kill('hosts', 'a prompt arrived');
      if (nth === 3) await town.kill('server', 'a prompt arrived');
      if (nth === 6) await town.kill('town', 'a prompt arrived');
    },
  });
  onTestFailed(() => console.log(town.events.join('\n')));
  for (const mine of mines) await town.mines.lay(mine);
  await town.open();

  const over = new AbortController();
  const kills = killAtMoments(town, over.signal);
  const result = await town.land('ten').finally(() => over.abort());
  await expectAllLanded(town, 'ten', result);
  await town.close();

  expect(await town.mines.left()).toEqual([]);
  expect(await kills).toHaveLength(4);
  await expectLandedOnce(town, 'ten');
  await expectGreenMain(town);
  await expectNothingLeft(town);
});
