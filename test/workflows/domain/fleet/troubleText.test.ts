import { expect, test } from 'vitest';
import { hostReportShape } from '../../../../workflows/domain/fleet/fleetShapes.ts';
import type { HostReport } from '../../../../workflows/domain/fleet/hostReport.ts';
import { fleetMarkdown } from '../../../../workflows/domain/fleet/markdown.ts';
import type { FleetHostStatus } from '../../../../workflows/domain/fleet/status.ts';
import { notKept, troubleTexts } from '../../../../workflows/domain/fleet/troubleText.ts';
import { faultOf } from '../../../../workflows/domain/shape.ts';
import { reportOf } from './told.ts';

const endless = {
  ...{ model: 'critic', what: 'Host box hangs: it has been loading critic:32b for 1 min.' },
  ...{ tries: 2, nextAt: 90_000 },
};
const host = (
  report: Partial<HostReport> = {},
  more: Partial<Omit<FleetHostStatus, 'report'>> = {},
): FleetHostStatus => ({
  report: reportOf('box', { open: ['coder'], refused: ['critic'], troubles: [endless], ...report }),
  ...{ lost: false, steering: {}, told: undefined },
  ...more,
});
const texts = (one: FleetHostStatus): readonly string[] => troubleTexts(one, (at) => `at ${at}`);

test('a model that could not be loaded is told with the reason, the tries and the next one', () => {
  expect(texts(host())).toEqual([
    'box does not serve critic: Host box hangs: it has been loading critic:32b for 1 min. Tried 2 times; next try at 90000.',
  ]);
  expect(texts(host({ swap: { phase: 'load', to: ['critic'], since: 1 } }))[0]).toMatch(
    /Tried 2 times; it is being tried again now\.$/,
  );
  expect(texts(host({ refused: [], troubles: [{ ...endless, tries: 1 }] }))[0]).toMatch(
    /1 min\. Next try as soon as it is wanted\.$/,
  );
});

test.each<[string, Partial<HostReport>, string]>([
  ['what it serves meanwhile', {}, 'Until then it serves coder.'],
  [
    'what it loads meanwhile',
    { open: [], swap: { phase: 'load', to: ['coder'], since: 1 } },
    'It loads coder now.',
  ],
  ['that it goes by the work', { open: [] }, 'Until then it goes on with what has work.'],
])('a pin that cannot be kept is told as such, with the time of the next try and %s', (_, report, words) => {
  const pinned = host(report, { steering: { pinned: ['critic'] } });
  expect(notKept(pinned)).toEqual(['critic']);
  const [line = ''] = texts(pinned);
  expect(line).toMatch(/^box: the pin of critic is not kept: Host box hangs: /);
  expect(line).toContain('next try at 90000.');
  expect(line.endsWith(words)).toBe(true);
});

test('a pin that is kept, a host that is drained and one that is away have nothing that is not kept', () => {
  const steering = { pinned: ['critic'] };
  expect(notKept(host({ open: ['critic'], refused: [], troubles: [] }, { steering }))).toEqual([]);
  // On its way, and nothing is wrong with it.
  expect(notKept(host({ refused: [], troubles: [] }, { steering }))).toEqual([]);
  expect(notKept(host({}, { steering: { ...steering, drained: true } }))).toEqual([]);
  for (const gone of [host({ away: 'left' }, { steering }), host({}, { steering, lost: true })])
    expect([notKept(gone), texts(gone)]).toEqual([[], []]);
});

test('what somebody has to mend, and what is the fault of the host, is left to the page that says how', () => {
  const missing = { model: 'critic', what: 'Host box does not have the model critic:32b.' };
  expect(texts(host({ troubles: [missing] }))[0]).toMatch(/Somebody has to mend that: see `gt status`\.$/);
  const { troubles: _, ...down } = host().report;
  expect(texts({ ...host(), report: { ...down, refused: ['coder', 'critic'] } })).toEqual([
    'box does not serve coder, critic: see `gt status` for why',
  ]);
});

test('G9: what a server said is no markup in the Web UI, and a report with it is heard', () => {
  const hostile = host({ troubles: [{ ...endless, what: '<img src=x> [a](http://b) `c` @d' }] });
  const page = fleetMarkdown({ hosts: [hostile], plan: undefined, demand: [], swaps: [], beads: 0 });
  expect(page).not.toMatch(/<img|(?<!\\)\[a|http:/);
  expect(page).toContain('next try at 1970');
  expect(faultOf(hostReportShape, hostile.report)).toBeUndefined();
});
