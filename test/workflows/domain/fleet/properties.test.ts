import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { servesCallsOf } from '../../../../workflows/domain/fleet/dominance.ts';
import type { FleetModel } from '../../../../workflows/domain/fleet/fleet.ts';
import { fitsTogether } from '../../../../workflows/domain/fleet/memory.ts';
import { planFleet } from '../../../../workflows/domain/fleet/plan.ts';
import { openOn, type VirtualFleet, type VirtualHost } from '../../../bench/fleet/virtualFleet.ts';
import { course, longestCallMs, settings, works } from './fleetCourse.ts';

const named = (fleet: VirtualFleet, keys: readonly string[]): FleetModel[] =>
  keys.map((key) => fleet.models.get(key) as FleetModel);

const serves = (fleet: VirtualFleet, held: readonly string[], model: string): boolean =>
  named(fleet, held).some((one) => servesCallsOf(one, fleet.models.get(model) as FleetModel));

const runs = { numRuns: 20 };

describe('whatever the fleet and its work are', () => {
  test('G8: no two models that exclude each other are resident at once, and no memory is exceeded, also during a change', () => {
    fc.assert(
      fc.property(works, (work) => {
        const fits = (fleet: VirtualFleet, { memory }: VirtualHost, keys: readonly string[]): boolean =>
          fitsTogether({ memory, coresident: false }, named(fleet, keys));
        course(work, settings, {
          fleet: (fleet) => {
            for (const host of fleet.hosts) {
              expect(fits(fleet, host, host.resident)).toBe(true);
              if (host.change !== undefined) expect(fits(fleet, host, host.change.to)).toBe(true);
            }
          },
        });
      }),
      runs,
    );
  });

  test('all work ends, with and without looking ahead', () => {
    fc.assert(
      fc.property(works, fc.boolean(), (work, lookAhead) => {
        // Work that cannot go on any more throws.
        expect(course(work, { ...settings, lookAhead }, {}).makespanMs).toBeGreaterThan(0);
      }),
      runs,
    );
  });

  test('work is conserved: no slot of a host is idle while a call waits for what it holds and keeps', () => {
    fc.assert(
      fc.property(works, (work) => {
        course(work, settings, {
          fleet: (fleet) => {
            for (const host of fleet.hosts) {
              if (host.running.length >= host.slots) continue;
              expect(fleet.waiting.filter(({ model }) => serves(fleet, openOn(host), model))).toEqual([]);
            }
          },
        });
      }),
      runs,
    );
  });

  test('without looking ahead an idle host never leaves a model that has calls waiting', () => {
    fc.assert(
      fc.property(works, (work) => {
        course(
          work,
          { ...settings, lookAhead: false },
          {
            plan: (state, plan) => {
              for (const { host, want } of plan.hosts) {
                const seen = state.hosts.find((one) => one.host === host);
                if (seen === undefined || seen.swap !== undefined) continue;
                const left = seen.resident.filter((model) => !want.includes(model));
                expect(
                  state.stages.filter(({ state: at, model }) => at === 'ready' && left.includes(model)),
                ).toEqual([]);
              }
            },
          },
        );
      }),
      runs,
    );
  });

  test('no call starves: what no host serves is served after the bound, what runs, and as much for each other that starves', () => {
    const bound = { ...settings, maxWaitMs: 60_000, minResidencyMs: 10_000 };
    const changeMs = longestCallMs + 4 * 60_000;
    fc.assert(
      fc.property(works, (work) => {
        const since = new Map<string, number>();
        course(work, bound, {
          fleet: (fleet) => {
            for (const { key } of work.models) {
              const waits = fleet.waiting.some(({ model }) => model === key);
              const held = fleet.hosts.some(({ resident, change }) =>
                serves(fleet, change?.to ?? resident, key),
              );
              if (!waits || held) since.delete(key);
              else since.set(key, since.get(key) ?? fleet.now);
              const most = bound.maxWaitMs + work.models.length * (changeMs + bound.minResidencyMs);
              expect(fleet.now - (since.get(key) ?? fleet.now)).toBeLessThanOrEqual(most);
            }
          },
        });
      }),
      runs,
    );
  });

  test('the same state gives the same plan, and a plan names every host that is not away', () => {
    fc.assert(
      fc.property(works, (work) => {
        course(work, settings, {
          plan: (state, plan) => {
            expect(planFleet(structuredClone(state), settings)).toEqual(plan);
            expect(plan.hosts.map(({ host }) => host)).toEqual(state.hosts.map(({ host }) => host));
            for (const { reason } of plan.hosts) expect(reason).not.toBe('');
          },
        });
      }),
      { numRuns: 8 },
    );
  });
});
