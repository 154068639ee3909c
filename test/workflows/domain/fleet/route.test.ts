import { describe, expect, test } from 'vitest';
import { type RouteModel, routeOf } from '../../../../workflows/domain/fleet/route.ts';
import type { FleetHostStatus } from '../../../../workflows/domain/fleet/status.ts';
import { inferTier, tierRank } from '../../../../workflows/domain/fleet/tier.ts';
import { reportOf } from './told.ts';

const candidate = (model: string, rank: number): RouteModel => ({ model, rank, callTimeoutMs: 1_000 });
const all = [candidate('small', 0), candidate('middle', 1), candidate('other', 1), candidate('large', 2)];

const host = (open: readonly string[], over: Partial<FleetHostStatus> = {}): FleetHostStatus => ({
  ...{ report: reportOf('box', { open }), lost: false, steering: {}, told: undefined },
  ...over,
});
const models = (hosts: readonly FleetHostStatus[]): readonly string[] =>
  routeOf(all, hosts).map(({ model }) => model);

describe('a bead begins with', () => {
  test('the smallest model that is resident, and climbs to those that are no smaller', () => {
    expect(models([host(['large', 'middle'])])).toEqual(['middle', 'other', 'large']);
    expect(models([host(['other'])])).toEqual(['other', 'middle', 'large']);
    expect(models([host(['large'])])).toEqual(['large']);
  });

  test('the smallest of all where none is resident', () => {
    expect(models([])).toEqual(['small', 'middle', 'other', 'large']);
    expect(models([host(['stranger'])])).toEqual(['small', 'middle', 'other', 'large']);
  });

  test('what is being loaded, not what is on its way out', () => {
    const swap = { phase: 'drain', to: ['large'], since: 0 } as const;
    expect(models([host([], { report: reportOf('box', { open: ['middle'], swap }) })])).toEqual(['large']);
  });

  test.each<[string, Partial<FleetHostStatus>]>([
    ['whose holder is gone', { lost: true }],
    ['in its quiet hours', { report: reportOf('box', { open: ['large'], away: 'quiet' }) }],
    ['that a person drains', { steering: { drained: true } }],
  ])('nothing of a host %s', (_, over) => {
    expect(models([host(['large'], over)])[0]).toBe('small');
  });

  test('nothing at all where nobody would do', () => {
    expect(routeOf([], [host(['large'])])).toEqual([]);
  });

  test('what the caller may use, without what only routing needs', () => {
    expect(routeOf([candidate('small', 0)], [])).toEqual([{ model: 'small', callTimeoutMs: 1_000 }]);
  });
});

describe('a tier', () => {
  test('that the town knows has a place, and a name of the person has none', () => {
    expect(['quick', 'standard', 'deep', 'cloud', 'coder', ''].map(tierRank)).toEqual([
      ...[0, 1, 2, 3],
      ...[undefined, undefined],
    ]);
  });

  test.each([
    [400, 1, 'quick'],
    [401, 1, 'standard'],
    [10, 2, 'standard'],
    [4_000, 6, 'standard'],
    [4_001, 0, 'deep'],
    [10, 7, 'deep'],
  ])('is read from a task of %i characters about %i files: %s', (length, files, tier) => {
    const paths = Array.from({ length: files }, (_, index) => `src/${index}.ts`);
    expect(inferTier({ task: 'x'.repeat(length), files: paths, needs: [] })).toBe(tier);
  });
});
