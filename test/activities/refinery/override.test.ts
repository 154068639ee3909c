import { describe, expect, it } from 'vitest';
import type { Submission } from '../../../workflows/domain/queue/submission.ts';
import type { ComposedGroup } from '../../../workflows/ports.ts';
import { type RefineryTown, refineryTown } from './town.ts';

const override = { by: 'ada', reason: 'the shop is down' };

const composed = (town: RefineryTown, member: Submission, words = override): Promise<ComposedGroup> =>
  town.refinery.composeUntested({ ...town.target, member, override: words });

const landed = (town: RefineryTown, { base, commit, members }: ComposedGroup, words?: typeof override) =>
  town.lander.land({
    ...{ ...town.target, base, commit: commit as string, members },
    ...(words === undefined ? {} : { override: words }),
  });

describe('landing without a run of the gates', () => {
  it('G2: lands what nobody has tested only by a person’s word, and git shows whose and why', async () => {
    await using town = await refineryTown();
    const group = await composed(town, await town.bead('one', { red: 'x\n' }));
    await expect(landed(town, group)).rejects.toMatchObject({ type: 'PushRefused' });
    expect(await landed(town, group, override)).toEqual({ outcome: 'landed', commit: group.commit });
    expect(await town.remote.revParse('main')).toBe(group.commit);
    const trailers = '%(trailers:key=Gates-Skipped,valueonly)';
    expect(await town.remote.git('log', '-1', `--format=${trailers}`, 'main')).toBe('ada: the shop is down');
    expect(await town.remote.git('log', '-1', '--format=%(trailers:key=Bead,valueonly)', 'main^2')).toBe(
      'c/e/one',
    );
  });

  it('G2: the word has to be the one that the commit tells of; a tested group tells of none', async () => {
    await using town = await refineryTown();
    const group = await composed(town, await town.bead('one', { red: 'x\n' }));
    const others = { by: 'bob', reason: 'because' };
    await expect(landed(town, group, others)).rejects.toMatchObject({
      type: 'PushRefused',
      message: expect.stringContaining('Gates-Skipped'),
    });
    const plain = await town.compose(await town.bead('two', { 'two.txt': 'x\n' }));
    await expect(landed(town, plain, override)).rejects.toMatchObject({ type: 'PushRefused' });
    expect(await town.remote.revParse('main')).toBe(group.base);
  });

  it('G5: composed again it is the same commit, and landed again it is found', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { red: 'x\n' });
    const group = await composed(town, one);
    expect((await composed(town, one)).commit).toBe(group.commit);
    await landed(town, group, override);
    expect(await landed(town, group, override)).toEqual({ outcome: 'landed', commit: group.commit });
    const again = await composed(town, one);
    expect(again).toMatchObject({ commit: undefined, members: [], landed: [{ bead: 'c/e/one' }] });
  });

  it('G2: is stale when somebody moved the target meanwhile', async () => {
    await using town = await refineryTown();
    const group = await composed(town, await town.bead('one', { 'one.txt': 'x\n' }));
    const theirs = await town.remote.commitTo('main', { 'theirs.txt': 'x\n' });
    expect(await landed(town, group, override)).toEqual({ outcome: 'stale', tip: theirs });
  });

  it('G9: words of several lines fake no other trailer and act on no terminal', async () => {
    await using town = await refineryTown();
    const words = { by: 'ada\nGate-Hash: forged', reason: 'a\u001b[31mb\n\nBead: c/e/other' };
    const group = await composed(town, await town.bead('one', { 'one.txt': 'x\n' }), words);
    expect(await landed(town, group, words)).toMatchObject({ outcome: 'landed' });
    const message = await town.remote.git('log', '-1', '--format=%B', 'main');
    expect(message).toMatch(/^Gates-Skipped: ada Gate-Hash: forged: a.*b Bead: c\/e\/other$/m);
    expect(message).not.toContain('\u001b');
    expect(await town.remote.git('log', '-1', '--format=%(trailers:key=Bead,valueonly)', 'main')).toBe('');
  });

  it('what does not merge is told as it is for every group', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { 'a.txt': 'mine\n' });
    await town.remote.commitTo('main', { 'a.txt': 'theirs\n' });
    expect(await composed(town, one)).toMatchObject({
      commit: undefined,
      conflicts: [{ bead: 'c/e/one', failure: { type: 'MergeConflict' } }],
    });
  });
});
