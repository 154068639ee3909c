import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ComposedGroup } from '../../../workflows/ports.ts';
import type { Files } from '../../support/repo.ts';
import { type RefineryTown, refineryTown } from './town.ts';

const body = (name: string, change = ''): string =>
  Array.from({ length: 12 }, (_, line) => `${name} ${line}${line === 5 ? change : ''}\n`).join('');
const start: Files = Object.fromEntries(
  ['a', 'b', 'c', 'd/e', 'd/f', 'd/g/h'].map((name) => [name, body(name)]),
);

/** What one side does with one path: writes, removes, moves it, or makes a folder of it. */
const step = fc.record({
  path: fc.constantFrom('a', 'b', 'c', 'd/e', 'd/f', 'd/g/h', 'new', 'd/new', 'd/g/new', 'a/in'),
  kind: fc.constantFrom('edit', 'edit', 'edit', 'write', 'remove', 'move'),
  mark: fc.constantFrom('x', 'y'),
});
const side = fc.array(step, { minLength: 1, maxLength: 3 });
const world = fc.record({
  target: fc.array(side, { maxLength: 2 }),
  beads: fc.array(side, { minLength: 1, maxLength: 5 }),
});

const filesOf = (steps: readonly { path: string; kind: string; mark: string }[]): Files => {
  const files: Record<string, string | null> = {};
  for (const { path, kind, mark } of steps) {
    const isThere = path in start;
    if (kind === 'remove' || kind === 'move') {
      if (!isThere) continue;
      files[path] = null;
      if (kind === 'move') files[`${path}-moved-${mark}`] = body(path);
    } else files[path] = kind === 'edit' && isThere ? body(path, mark) : `${mark}\n`;
  }
  // A file where a folder is to be: the folder wins, as it must in one tree.
  if ('a/in' in files && files['a'] !== null) files['a'] = null;
  return Object.keys(files).length === 0 ? { 'd/e': body('d/e', 'z') } : files;
};

/** What git makes of the members one after the other: those that do not merge are left out. */
const byGit = async (town: RefineryTown, base: string, heads: readonly string[]) => {
  let at = base;
  const merged: string[] = [];
  for (const head of heads) {
    const tree = await town.bare
      .git('-c', 'merge.directoryRenames=false', 'merge-tree', '--write-tree', at, head)
      .catch(() => undefined);
    if (tree === undefined) continue;
    merged.push(head);
    at = await town.bare.git('commit-tree', tree, '-p', at, '-m', 'merged');
  }
  return { merged, tree: await town.bare.git('rev-parse', `${at}^{tree}`) };
};

const headsOf = (group: ComposedGroup): readonly string[] => group.members.map(({ head }) => head);

it('G2, G5: laid over or merged by git, a group has the same members and the same tree, whatever its branches do', async () => {
  await using town = await refineryTown({ files: start as Record<string, string> });
  const first = await town.remote.revParse('main');
  let run = 0;
  await fc.assert(
    fc.asyncProperty(world, async ({ target, beads }) => {
      run++;
      let base = first;
      await town.remote.git('branch', '-f', `world-${run}`, first);
      for (const steps of target) base = await town.remote.commitTo(`world-${run}`, filesOf(steps), 'theirs');
      await town.remote.git('branch', '-f', 'main', base);
      const members = [];
      for (const [at, steps] of beads.entries())
        members.push(await town.bead(`bead-${run}-${at}`, filesOf(steps), first));
      const group = await town.compose(...members);
      const git = await byGit(
        town,
        base,
        members.map(({ head }) => head),
      );
      expect(headsOf(group)).toEqual(git.merged);
      if (group.commit === undefined) return;
      expect(group.tree).toBe(git.tree);
      // I2: one commit a bead, each on the one before, under a commit on the tip.
      const chain = group.members.map(({ commit }) => commit);
      expect(await town.bare.git('log', '--reverse', '--format=%H', `${base}..${group.commit}^2`)).toBe(
        chain.join('\n'),
      );
      for (const { commit, head } of group.members)
        expect(await town.bare.git('log', '-1', '--format=%(trailers:key=Bead-Head,valueonly)', commit)).toBe(
          head,
        );
      expect(await town.bare.git('rev-parse', `${group.commit}^1`, `${group.commit}^{tree}`)).toBe(
        `${base}\n${group.tree}`,
      );
    }),
    { numRuns: 25, seed: 7, endOnFailure: true },
  );
});
