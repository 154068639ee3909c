import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { areaOf } from '../../../activities/refinery/footprint.ts';
import { type Submission, submissionKey } from '../../../workflows/domain/queue/submission.ts';
import type { LookedAt } from '../../../workflows/ports.ts';
import { type RefineryTown, refineryTown } from './town.ts';

let town: RefineryTown;
beforeAll(async () => {
  town = await refineryTown({
    files: { 'a.txt': 'one\n', 'b.txt': 'one\n', 'src/deep/c.txt': 'one\n' },
    slots: 3,
  });
});
afterAll(() => town[Symbol.asyncDispose]());

const look = (members: readonly Submission[], beside: readonly Submission[] = []) =>
  town.refinery.examine({
    ...town.target,
    members,
    beside: beside.map((one) => ({ key: submissionKey(one), head: one.head })),
  });
const foundOf = async (members: readonly Submission[], beside?: readonly Submission[]) =>
  (await look(members, beside)).found;
const of = (found: readonly LookedAt[], one: Submission): LookedAt | undefined =>
  found.find(({ bead }) => bead === one.bead);

describe('what is seen of a queue before anything is tested', () => {
  test('the tip with its tree and gates, and how many tests run at once', async () => {
    const seen = await look([]);
    const commit = await town.remote.revParse('main');
    expect(seen).toMatchObject({ tip: { commit }, slots: 3, isGreen: false, upstream: undefined, found: [] });
    expect(seen.tip.tree).toBe(await town.remote.git('rev-parse', 'main^{tree}'));
  });

  test('a tip whose tree has passed these gates before is known to be green', async () => {
    const { tip } = await look([]);
    await town.refinery.testGroup({ ...town.target, base: tip.commit, members: [], run: 1 });
    expect((await look([])).isGreen).toBe(true);
  });

  test('branches that merge fit, with the folders that they touch', async () => {
    const one = await town.bead('fits', { 'src/deep/new.txt': 'x\n', 'top.txt': 'x\n' });
    expect(of(await foundOf([one]), one)).toMatchObject({
      outcome: 'fits',
      conflicts: [],
      footprint: [areaOf('src/deep/other.txt'), areaOf('top.txt')].toSorted((a, b) => a - b),
    });
    expect(areaOf('src/deep/x')).not.toBe(areaOf('src/x'));
  });

  test('two that change the same line are told apart, whether they come together or one waits already', async () => {
    const [first, second, other] = [
      await town.bead('first', { 'a.txt': 'first\n' }),
      await town.bead('second', { 'a.txt': 'second\n' }),
      await town.bead('other', { 'b.txt': 'other\n' }),
    ];
    const together = await foundOf([first, other, second]);
    expect(of(together, first)).toMatchObject({ outcome: 'fits', conflicts: [] });
    expect(of(together, other)).toMatchObject({ outcome: 'fits', conflicts: [] });
    expect(of(together, second)).toMatchObject({ outcome: 'fits', conflicts: [submissionKey(first)] });
    const later = await foundOf([second], [first, other]);
    expect(of(later, second)).toMatchObject({ conflicts: [submissionKey(first)] });
  });

  test('pairs that are merged in thought leave no object behind', async () => {
    const count = async (): Promise<string> =>
      (await town.bare.git('count-objects', '-v')).split('\n')[0] ?? '';
    const members = await Promise.all(
      ['p', 'q', 'r'].map((name) =>
        town.bead(`pair-${name}`, { [`${name}.txt`]: 'x\n', 'a.txt': `${name}\n` }),
      ),
    );
    await look(members);
    const before = await count();
    expect((await foundOf(members)).filter((one) => one.outcome === 'fits')).toHaveLength(3);
    expect(await count()).toBe(before);
  });

  test('one that conflicts with the target is told so with the paths, one that has landed with its commit', async () => {
    const base = await town.remote.revParse('main');
    const late = await town.bead('late', { 'a.txt': 'late\n' }, base);
    const landed = await town.bead('lands', { 'a.txt': 'landed\n' }, base);
    const group = await town.through(landed);
    const found = await foundOf([late, landed]);
    expect(of(found, late)).toMatchObject({
      outcome: 'conflicts',
      failure: { type: 'MergeConflict', what: expect.stringContaining('does not merge with main') },
      evidenceRef: expect.any(String),
    });
    expect(of(found, landed)).toMatchObject({ outcome: 'landed', commit: group.members[0]?.commit });
  });

  test('a head that is not in the town’s copy is sent back by name, and holds up nobody', async () => {
    const good = await town.bead('here', { 'here.txt': 'x\n' });
    const gone = { ...good, bead: 'c/e/gone', head: 'f'.repeat(40) };
    const found = await foundOf([gone, good]);
    expect(of(found, gone)).toMatchObject({ outcome: 'conflicts', failure: { type: 'GitFailed' } });
    expect(of(found, good)).toMatchObject({ outcome: 'fits' });
  });
});

describe('the test of a group', () => {
  test('G5: composed twice it is the same commit, and the second time its result is known', async () => {
    const { tip } = await look([]);
    const members = [await town.bead('g1', { 'g1.txt': 'x\n' }), await town.bead('g2', { 'g2.txt': 'x\n' })];
    const request = { ...town.target, base: tip.commit, members, run: 1 };
    const [first, second] = [await town.refinery.testGroup(request), await town.refinery.testGroup(request)];
    expect(first.commit).toBe(second.commit);
    expect(first).toMatchObject({ base: tip.commit, report: { verdict: 'green', cached: false } });
    expect(second.report).toMatchObject({ verdict: 'green', cached: true });
    expect(first.members.map(({ bead }) => bead)).toEqual(members.map(({ bead }) => bead));
  });

  test('it stands on the commit that it is told, though the target has moved', async () => {
    const { tip } = await look([]);
    await town.through(await town.bead('moves', { 'moves.txt': 'x\n' }));
    const one = await town.bead('stays', { 'stays.txt': 'x\n' }, tip.commit);
    const group = await town.refinery.testGroup({ ...town.target, base: tip.commit, members: [one], run: 1 });
    expect(await town.bare.git('rev-parse', `${group.commit}^1`)).toBe(tip.commit);
  });

  test('members of which none merges are no test', async () => {
    const old = await town.remote.revParse('main');
    const [late, lands] = [
      await town.bead('late-2', { 'b.txt': 'late\n' }, old),
      await town.bead('lands-2', { 'b.txt': 'lands\n' }, old),
    ];
    await town.through(lands);
    const { tip } = await look([]);
    const group = await town.refinery.testGroup({
      ...town.target,
      base: tip.commit,
      members: [late],
      run: 1,
    });
    expect(group).toMatchObject({ commit: undefined, members: [], report: undefined });
    expect(group.conflicts).toMatchObject([{ bead: late.bead, failure: { type: 'MergeConflict' } }]);
  });
});
