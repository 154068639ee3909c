import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fail } from '../../../activities/failure.ts';
import { homeAt } from '../../../activities/home.ts';
import { createHostLedger } from '../../../activities/ledger/hostLedger.ts';
import { createCountedThings } from '../../support/countedThings.ts';

const tempHome = async () => {
  const root = await mkdtemp(join(tmpdir(), 'gastown-ledger-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return homeAt(root);
};

const linesOf = async (path: string): Promise<readonly object[]> =>
  (await readFile(path, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);

test('what becomes of a host’s models is noted in order, and counted once', async () => {
  const home = await tempHome();
  const { counts, lines } = createCountedThings();
  let now = 0;
  const ledger = createHostLedger(home, { counts, now: () => (now += 1) });
  ledger.note('desk', { kind: 'leased', models: [], slots: 2 });
  expect(await ledger.during('desk', 'load', ['coder'], async () => 'ready')).toBe('ready');
  ledger.note('desk', { kind: 'opens', models: ['coder'] });
  ledger.note('desk', { kind: 'closes', models: ['coder'], ms: 3 });
  ledger.note('desk', { kind: 'opens', models: ['reviewer'] });
  await ledger.settled();
  expect(await linesOf(home.fleet('desk'))).toEqual([
    { at: 1, kind: 'leased', models: [], slots: 2 },
    { at: 2, kind: 'load-begins', models: ['coder'] },
    { at: 3, kind: 'load-ends', models: ['coder'], ms: expect.any(Number) },
    { at: 4, kind: 'opens', models: ['coder'] },
    { at: 5, kind: 'closes', models: ['coder'], ms: 3 },
    { at: 6, kind: 'opens', models: ['reviewer'] },
  ]);
  expect(lines()).toEqual([
    'loadSeconds desk coder 1',
    'modelOpen desk coder 1',
    'modelOpen desk coder 0',
    'modelOpen desk reviewer 1',
    'swaps desk 1',
    'swapSeconds desk 1',
  ]);
});

test('work that fails is noted with the type of the failure, which is thrown on', async () => {
  const home = await tempHome();
  const { counts, lines } = createCountedThings();
  const ledger = createHostLedger(home, { counts });
  const failure = fail('HostDown', { what: 'It is gone.', next: 'Start it.' });
  await expect(ledger.during('desk', 'load', ['coder'], () => Promise.reject(failure))).rejects.toBe(failure);
  await expect(
    ledger.during('desk', 'unload', ['coder'], () => Promise.reject(new TypeError('odd'))),
  ).rejects.toThrow('odd');
  await ledger.settled();
  expect(await linesOf(home.fleet('desk'))).toMatchObject([
    { kind: 'load-begins' },
    { kind: 'load-ends', failure: 'HostDown' },
    { kind: 'unload-begins' },
    { kind: 'unload-ends', failure: 'other' },
  ]);
  expect(lines()).toEqual(['loadFailures desk coder HostDown 1']);
});

test('a file that is full stays beside the new one', async () => {
  const home = await tempHome();
  const ledger = createHostLedger(home, { maxBytes: 200, now: () => 1_000 + (clock += 1) });
  let clock = 0;
  for (let index = 0; index < 12; index++) ledger.note('desk', { kind: 'opens', models: [`m${index}`] });
  await ledger.settled();
  const files = await readdir(join(home.root, 'fleet'));
  expect(files.length).toBeGreaterThan(2);
  expect(files.every((name) => /^desk(\.\d+)?\.jsonl$/.test(name))).toBe(true);
  const all = (await Promise.all(files.map((name) => linesOf(join(home.root, 'fleet', name))))).flat();
  expect(all).toHaveLength(12);
});

test('a home that cannot be written to costs a host nothing', async () => {
  const home = await tempHome();
  await writeFile(join(home.root, 'fleet'), 'in the way');
  const ledger = createHostLedger(home);
  ledger.note('desk', { kind: 'leased', models: [] });
  expect(await ledger.during('desk', 'load', ['coder'], async () => 7)).toBe(7);
  await ledger.settled();
});
