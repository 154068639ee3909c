import { expect, test } from 'vitest';
import { countLatency } from '../../../activities/counts/counts.ts';
import { createCountedThings } from '../../support/countedThings.ts';
import { tempRepo } from '../../support/repo.ts';
import { refineryTown } from '../refinery/town.ts';
import { beadRequest, townWith } from '../rig/town.ts';

test('G5: a landing is counted where the target moves, and not when it is found to have moved', async () => {
  const { counts, lines } = createCountedThings();
  await using town = await refineryTown({ counts });
  const group = await town.through(
    await town.bead('one', { 'one.txt': '1\n' }),
    await town.bead('two', { 'two.txt': '2\n' }),
  );
  expect(await town.land(group)).toMatchObject({ outcome: 'landed' });
  const landed = ['landings rig 1', 'beadsLanded rig 2'];
  expect(lines()).toEqual(['gateSeconds rig test passed 1', ...landed]);
  expect(await town.land(group)).toMatchObject({ outcome: 'landed' });
  expect(lines().slice(1)).toEqual(landed);
});

test('a landing that somebody else made impossible is none', async () => {
  const { counts, lines } = createCountedThings();
  await using town = await refineryTown({ counts });
  const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
  await town.test(group);
  await town.remote.commitTo('main', { 'theirs.txt': 'x\n' });
  expect(await town.land(group)).toMatchObject({ outcome: 'stale' });
  expect(lines()).toEqual(['gateSeconds rig test passed 1']);
});

test('a bead is counted as started with its branch, and by its end as it was told, once each', async () => {
  const { counts, lines } = createCountedThings();
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`, {}, { counts });
  await town.open();
  for (let time = 0; time < 2; time++) await town.openBead('b1');
  expect(lines()).toEqual(['beadsStarted r 1']);
  const close = { ...beadRequest('b1'), keep: 'ref' } as const;
  await town.rig.closeBead({
    ...close,
    ended: { state: 'blocked', failure: 'AttemptsExhausted', hasCommit: false },
  });
  expect(lines().slice(1)).toEqual(['beadsBlocked r AttemptsExhausted 1']);
  // Launched again, it starts again. One with a commit was counted as that landed; one of older code says nothing.
  await town.openBead('b1');
  await town.rig.closeBead({ ...close, keep: 'nothing', ended: { state: 'landed', hasCommit: true } });
  await town.rig.closeBead({ ...close, keep: 'nothing' });
  expect(lines().slice(2)).toEqual(['beadsStarted r 1']);
  // A report, or nothing to change.
  await town.rig.closeBead({ ...close, keep: 'nothing', ended: { state: 'landed', hasCommit: false } });
  await town.rig.closeBead({ ...close, ended: { state: 'cancelled', hasCommit: false } });
  expect(lines().slice(3)).toEqual(['beadsLanded r 1', 'beadsCancelled r 1']);
});

test('latency targets: kept or missed, and nothing where none is set', () => {
  const { counts, lines } = createCountedThings();
  countLatency(counts, 'quick', 1_000, 1_000);
  countLatency(counts, 'quick', 1_000, 1_001);
  countLatency(counts, 'deep', undefined, 5);
  expect(lines()).toEqual([
    'targetsKept quick 1',
    'targetsMissed quick 0',
    'targetsKept quick 0',
    'targetsMissed quick 1',
  ]);
});
