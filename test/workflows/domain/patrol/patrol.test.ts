import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Owner, PatrolFacts, RigFacts } from '../../../../workflows/domain/patrol/patrol.ts';
import { repairsOf } from '../../../../workflows/domain/patrol/patrol.ts';
import { newsOf, overSince, planPatrol } from '../../../../workflows/domain/patrol/patrolFindings.ts';
import {
  type BeadPulse,
  mostNudges,
  noMemory,
  type Pulses,
} from '../../../../workflows/domain/patrol/pulse.ts';

const minute = 60_000;
const bounds = { silentAfterMs: 30 * minute, leaveAloneMs: 10 * minute };

const nothing: RigFacts = { worktrees: [], branches: [], slots: [], runs: [], obstacles: [], aside: [] };
const quiet: Pulses = { beads: [], hosts: [], epics: [], adrift: [] };

const facts = (more: {
  readonly found?: Partial<RigFacts>;
  readonly owners?: Readonly<Record<string, Owner>>;
  readonly pulses?: Partial<Pulses>;
}): PatrolFacts => ({
  rig: 'rig',
  found: { ...nothing, ...more.found },
  owners: more.owners ?? {},
  pulses: { ...quiet, ...more.pulses },
});

const silent = (bead: string, more: Partial<BeadPulse> = {}): BeadPulse => ({
  bead,
  pending: { activity: 'runGates', started: true, quietMs: 40 * minute, attempt: 1 },
  failedTasks: 0,
  ...more,
});

const age = fc.integer({ min: 0, max: 60 * minute });
const bead = fc.constantFrom('c/e/a', 'c/e/b', 'c/e/c');
const owner = fc.record(
  {
    state: fc.constantFrom('open' as const, 'ended' as const, 'unknown' as const),
    endedMs: age,
    keepsBranch: fc.boolean(),
  },
  { requiredKeys: ['state'] },
);
const found = fc.record({
  worktrees: fc.array(fc.record({ bead, ageMs: age, guests: fc.integer({ min: 0, max: 2 }) })),
  branches: fc.array(
    fc.record({
      bead,
      head: fc.constant('f00'),
      ageMs: age,
      holds: fc.constantFrom('nothing' as const, 'landed' as const, 'work' as const),
    }),
  ),
});

test('G5: whatever is found, nothing of an open bead, or of one that nobody was asked about, is touched', () => {
  fc.assert(
    fc.property(found, fc.dictionary(bead, owner), (left, owners) => {
      const repairs = repairsOf(facts({ found: left, owners }), bounds);
      for (const repair of repairs) {
        if (repair.kind !== 'worktree' && repair.kind !== 'branch') continue;
        const its = owners[repair.bead];
        expect(its?.state === 'ended' || its?.state === 'unknown').toBe(true);
        expect(its?.endedMs ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(bounds.leaveAloneMs);
      }
    }),
  );
});

test('work that is nowhere else is never dropped: its branch goes only into a kept ref, and after a cap it stays', () => {
  fc.assert(
    fc.property(found, fc.dictionary(bead, owner), (left, owners) => {
      for (const repair of repairsOf(facts({ found: left, owners }), bounds)) {
        if (repair.kind !== 'branch') continue;
        expect(owners[repair.bead]?.keepsBranch).not.toBe(true);
        const works = left.branches.some((one) => one.bead === repair.bead && one.holds === 'work');
        if (!repair.keep) continue;
        expect(works).toBe(true);
      }
      const dropped = repairsOf(facts({ found: left, owners }), bounds).filter(
        (one) => one.kind === 'branch' && !one.keep,
      ).length;
      expect(dropped).toBeLessThanOrEqual(left.branches.filter(({ holds }) => holds !== 'work').length);
    }),
  );
});

test('what is young is left alone, and so is what somebody stands in', () => {
  const owners = { 'c/e/a': { state: 'unknown' } } as const;
  const at = (ageMs: number, guests: number) =>
    facts({ found: { worktrees: [{ bead: 'c/e/a', ageMs, guests }] }, owners });
  expect(repairsOf(at(9 * minute, 0), bounds)).toEqual([]);
  expect(repairsOf(at(11 * minute, 1), bounds)).toEqual([]);
  expect(repairsOf(at(11 * minute, 0), bounds)).toEqual([{ kind: 'worktree', bead: 'c/e/a' }]);
  const { findings } = planPatrol(at(11 * minute, 1), bounds, noMemory, 0);
  expect(findings).toMatchObject([{ about: 'worktree c/e/a', failure: { type: 'LeftBehind' } }]);
});

test('a silent bead is asked to hand over three times, then a person hears of it once; heard again, it begins anew', () => {
  const still = facts({ pulses: { beads: [silent('c/e/a')] } });
  let memory = noMemory;
  for (let times = 1; times <= mostNudges; times++) {
    const plan = planPatrol(still, bounds, memory, times);
    expect(plan.nudges).toMatchObject([{ bead: 'c/e/a', reason: expect.stringContaining(`${times} of 3`) }]);
    expect(plan.findings).toEqual([]);
    memory = plan.memory;
  }
  const told = planPatrol(still, bounds, memory, 9);
  expect(told.nudges).toEqual([]);
  expect(newsOf(memory, told)).toMatchObject([
    { about: 'c/e/a', convoy: 'c', failure: { type: 'BeadSilent' } },
  ]);
  const again = planPatrol(still, bounds, told.memory, 10);
  expect(newsOf(told.memory, again)).toEqual([]);
  const heard = planPatrol(facts({ pulses: { beads: [] } }), bounds, again.memory, 11);
  expect(overSince(again.memory, heard)).toEqual(['c/e/a']);
  expect(heard.memory).toEqual(noMemory);
});

test('waiting for a model is not silence; waiting long for any other worker is told, and nobody is nudged for it', () => {
  const waits = (activity: string) =>
    planPatrol(
      facts({
        pulses: {
          beads: [
            silent('c/e/a', { pending: { activity, started: false, quietMs: 40 * minute, attempt: 1 } }),
          ],
        },
      }),
      bounds,
      noMemory,
      0,
    );
  expect(waits('infer')).toMatchObject({ nudges: [], findings: [] });
  expect(waits('runGates')).toMatchObject({ nudges: [], findings: [{ failure: { type: 'BeadSilent' } }] });
});

test('a host is told of when its lease is silent, and when it has served nothing for the whole bound', () => {
  const down = {
    type: 'HostDown',
    what: 'refused',
    evidence: '',
    next: '',
  } as const;
  const host = (quietMs: number | undefined, isDown: boolean) =>
    facts({
      pulses: { hosts: [{ host: 'h', quietMs, started: true, down: isDown ? down : undefined }] },
    });
  const types = (of: PatrolFacts, memory = noMemory, now = 0) =>
    planPatrol(of, bounds, memory, now).findings.map(({ failure }) => failure.type);
  expect(types(host(1_000, false))).toEqual([]);
  expect(types(host(31 * minute, false))).toEqual(['HostSilent']);
  expect(types(host(undefined, false))).toEqual(['HostSilent']);
  const first = planPatrol(host(1_000, true), bounds, noMemory, 0);
  expect(first.findings).toEqual([]);
  expect(types(host(1_000, true), first.memory, 29 * minute)).toEqual([]);
  expect(types(host(1_000, true), first.memory, 31 * minute)).toEqual(['HostSilent']);
});

test('an epic that could start beads and does not is told of, unless its board has changed meanwhile', () => {
  const epic = (board: string) => facts({ pulses: { epics: [{ epic: 'c/e', board, idle: true }] } });
  const first = planPatrol(epic('a'), bounds, noMemory, 0);
  expect(planPatrol(epic('a'), bounds, first.memory, 61 * minute).findings).toMatchObject([
    { about: 'c/e', failure: { type: 'EpicStale' } },
  ]);
  expect(planPatrol(epic('b'), bounds, first.memory, 61 * minute).findings).toEqual([]);
});
