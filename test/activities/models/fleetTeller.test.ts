import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFleetTeller } from '../../../activities/models/fleetTeller.ts';
import type { HostReport } from '../../../workflows/domain/fleet/hostReport.ts';
import { callOf, reportOf } from '../../workflows/domain/fleet/told.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A host whose state the test sets, and what the fleet has heard of it. */
const teller = (over: { everyMs?: number; callsEveryMs?: number } = {}) => {
  const sent: { at: number; report: HostReport }[] = [];
  const heard: HostReport[] = [];
  const began = performance.now();
  const state = { report: reportOf('box'), fails: 0 };
  const fleet = createFleetTeller({
    report: () => state.report,
    send: async (report) => {
      if (state.fails > 0) {
        state.fails -= 1;
        throw new Error('nobody listens');
      }
      sent.push({ at: performance.now() - began, report });
    },
    heard: (report) => heard.push(report),
    ...{ everyMs: 100, callsEveryMs: 1_000, ...over },
  });
  /** Something about the host is otherwise from now on. */
  const becomes = (next: Partial<HostReport>): void => {
    state.report = { ...state.report, ...next };
    fleet.changed();
  };
  return { fleet, sent, heard, state, becomes };
};

const calls = (...names: readonly string[]) => ({ running: names.map((name) => callOf(name)) });
const settled = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test('a change is told at once, and the next one no sooner than the pace allows, with the newest word', async () => {
  const { sent, becomes } = teller();
  becomes({ open: ['a'] });
  await settled(1);
  becomes({ open: ['b'] });
  becomes({ open: ['c'] });
  await settled(90);
  expect(sent.map(({ report }) => report.open)).toEqual([['a']]);
  await settled(20);
  expect(sent.map(({ report }) => report.open)).toEqual([['a'], ['c']]);
});

test('calls that come and go among others are told seldom', async () => {
  const { sent, becomes } = teller();
  becomes(calls('one'));
  await settled(1);
  for (let n = 0; n < 20; n += 1) {
    becomes(calls('one', `more-${n}`));
    await settled(100);
  }
  expect(sent.length).toBeLessThanOrEqual(4);
  for (const [index, { at }] of sent.entries())
    if (index > 0) expect(at - (sent[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(999);
});

test('what a plan depends on is told at once although a call that may be told later waits to be', async () => {
  const { sent, becomes } = teller({ callsEveryMs: 60_000 });
  becomes({ open: ['a'], ...calls('one') });
  await settled(1);
  becomes(calls('one', 'two'));
  await settled(10);
  becomes({ open: [] });
  await settled(100);
  expect(sent.map(({ report }) => report.open)).toEqual([['a'], []]);
});

test('nothing is told twice: neither what has not changed, nor that a moment has passed, nor a swap that was heard of', async () => {
  const { sent, becomes, state } = teller();
  const swap = { at: 1, from: [], to: ['a'], drainMs: 0, unloadMs: 0, loadMs: 0 };
  becomes({ open: ['a'], swaps: [swap] });
  await settled(1);
  state.report = { ...state.report, swaps: [], at: 9_999 };
  becomes({ waiting: [] });
  await settled(5_000);
  expect(sent).toHaveLength(1);
  becomes({ waiting: [{ model: 'a', calls: 1, since: 5 }] });
  await settled(5_000);
  becomes({ waiting: [{ model: 'a', calls: 1, since: 6 }] });
  await settled(5_000);
  expect(sent).toHaveLength(2);
});

test('a word that nobody heard is told again with the next look, and only what was heard is forgotten', async () => {
  // What goes wrong is logged, which needs an activity around it.
  await new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(async () => {
    const { fleet, sent, heard, state, becomes } = teller();
    state.fails = 2;
    becomes({ open: ['a'] });
    await settled(200);
    expect([sent, heard]).toEqual([[], []]);
    fleet.changed();
    await settled(200);
    fleet.changed();
    await settled(200);
    expect(sent.map(({ report }) => report.open)).toEqual([['a']]);
    expect(heard).toEqual(sent.map(({ report }) => report));
  });
});

test('after it was stopped only a last word goes out, after all that was under way', async () => {
  const { fleet, sent, becomes, state } = teller();
  becomes({ open: ['a'] });
  const before = fleet.now();
  fleet.stop();
  becomes({ open: ['b'] });
  await settled(60_000);
  await before;
  expect(sent).toHaveLength(1);
  state.report = { ...state.report, open: [], away: 'left' };
  await fleet.now();
  expect(sent.at(-1)?.report).toMatchObject({ open: [], away: 'left' });
});
