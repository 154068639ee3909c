import { CancelledFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { countLatency } from '../../../activities/counts/counts.ts';
import { countedTest } from '../../../activities/refinery/countTests.ts';
import type { Submission } from '../../../workflows/domain/queue/submission.ts';
import { createCountedThings } from '../../support/countedThings.ts';
import { tempRepo } from '../../support/repo.ts';
import { refineryTown } from '../refinery/town.ts';
import { beadRequest, land, townWith, work } from '../rig/town.ts';

test('G5: a landing is counted where the target moves, and not when it is found to have moved', async () => {
  const { counts, lines } = createCountedThings();
  await using town = await refineryTown({ counts });
  const group = await town.through(
    await town.bead('one', { 'one.txt': '1\n' }),
    await town.bead('two', { 'two.txt': '2\n' }),
  );
  expect(await town.land(group)).toMatchObject({ outcome: 'landed' });
  const landed = ['landings rig 1', 'beadsLanded rig 2'];
  const tested = ['gateSeconds rig test passed 1', 'refineryTests rig passed 1'];
  expect(lines()).toEqual([...tested, ...landed]);
  expect(await town.land(group)).toMatchObject({ outcome: 'landed' });
  expect(lines().slice(2)).toEqual(landed);
});

test('a landing that somebody else made impossible is none', async () => {
  const { counts, lines } = createCountedThings();
  await using town = await refineryTown({ counts });
  const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
  await town.test(group);
  await town.remote.commitTo('main', { 'theirs.txt': 'x\n' });
  expect(await town.land(group)).toMatchObject({ outcome: 'stale' });
  expect(lines()).toEqual(['gateSeconds rig test passed 1', 'refineryTests rig passed 1']);
});

test('a test of the Refinery is counted by how it ends, and what lands by its wait', async () => {
  const { counts, lines } = createCountedThings();
  await using town = await refineryTown({ counts });
  const testOf = async (...members: readonly Submission[]) =>
    await town.refinery.testGroup({
      ...{ ...town.target, base: await town.remote.revParse('main'), members, run: 1 },
    });
  const good = await town.bead('good', { 'good.txt': '1\n' });
  const group = await testOf(good);
  await testOf(good);
  await testOf(await town.bead('red', { red: '1\n' }));
  const ends = (): readonly string[] => lines().filter((line) => !line.startsWith('gateSeconds'));
  expect(ends()).toEqual(['passed', 'known', 'failed'].map((result) => `refineryTests rig ${result} 1`));
  const { base, commit = '', members } = group;
  await town.lander.land({ ...town.target, base, commit, members, waitsMs: [90_000] });
  expect(ends().slice(3)).toEqual(['landings rig 1', 'beadsLanded rig 1', 'landingWaitSeconds rig 1']);
});

test('a test that is cancelled is one that was in vain; one that ends with its Worker is done again', async () => {
  const { counts, lines } = createCountedThings();
  const cut = (message: string) => {
    const signal = AbortSignal.abort(new CancelledFailure(message));
    const failing = () => Promise.reject(signal.reason as Error);
    return countedTest({ counts, rig: 'rig', signal }, () => undefined, failing).catch(() => undefined);
  };
  await cut('WORKER_SHUTDOWN');
  expect(lines()).toEqual([]);
  await cut('CANCELLED');
  expect(lines()).toEqual(['refineryTests rig cancelled 1']);
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

test('G5: a bead that was sent back is counted when its work is put on the new tip, and not when that is found done', async () => {
  const { counts, lines } = createCountedThings();
  await using source = await tempRepo({ bare: true });
  await using town = await townWith(`file://${source.path}`, {}, { counts });
  await town.open();
  const { base } = await town.openBead('b1');
  const head = await work(town, 'b1', { 'mine.txt': '1\n' });
  await land(source, town, 'other', { 'theirs.txt': '1\n' });
  for (let time = 0; time < 2; time++)
    await town.rig.rebaseBead({ ...beadRequest('b1'), head, base, attempt: 1 });
  expect(lines()).toEqual(['beadsStarted r 1', 'sentBack r 1']);
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
