/** Random small fleets with their work, run in virtual time by the production planner: what the properties of plans are held against. */
import fc from 'fast-check';
import type {
  FleetModel,
  FleetPlan,
  FleetSettings,
  FleetState,
} from '../../../../workflows/domain/fleet/fleet.ts';
import { planned } from '../../../bench/fleet/planned.ts';
import { type Outcome, runFleet, type VirtualFleet } from '../../../bench/fleet/virtualFleet.ts';
import type { Work, WorkHost, WorkStage } from '../../../bench/fleet/work.ts';

const modelKeys = ['a', 'b', 'c', 'd'] as const;

const models: fc.Arbitrary<readonly FleetModel[]> = fc
  .tuple(
    ...modelKeys.map(() =>
      fc.record({
        gigabytes: fc.integer({ min: 2, max: 20 }),
        loadMs: fc.integer({ min: 500, max: 40_000 }),
      }),
    ),
  )
  .map((sizes) =>
    sizes.map(({ gigabytes, loadMs }, index) => ({
      // The first two are two contexts of the same weights.
      ...{
        key: modelKeys[index] ?? '',
        weights: index < 2 ? 'same' : String(index),
        context: index === 0 ? 65_536 : 32_768,
      },
      ...{ bytes: gigabytes * 1e9, loadMs, unloadMs: loadMs / 2 },
    })),
  );

const host = (index: number): fc.Arbitrary<WorkHost> =>
  fc.record({
    host: fc.constant(`host-${index}`),
    slots: fc.integer({ min: 1, max: 3 }),
    memory: fc.constantFrom(undefined, 24e9, 40e9),
    serves: fc.constant(modelKeys),
    initial: fc.subarray([...modelKeys], { maxLength: 1 }),
  });

const stage = (index: number): fc.Arbitrary<WorkStage> =>
  fc
    .record({
      model: fc.constantFrom(...modelKeys),
      lengths: fc.array(fc.integer({ min: 1_000, max: 120_000 }), { minLength: 1, maxLength: 3 }),
      gapMs: fc.integer({ min: 0, max: 30_000 }),
      needs: fc.subarray(
        Array.from({ length: index }, (_, before) => String(before)),
        { maxLength: Math.min(2, index) },
      ),
      certain: fc.boolean(),
    })
    .map(({ model, lengths, gapMs, needs, certain }) => ({
      ...{ id: String(index), model, needs, certain },
      calls: lengths.map((callMs, call) => ({ gapMs: call === 0 ? 0 : gapMs, callMs })),
      expectedCallMs: certain ? (lengths[0] ?? 1) : 60_000,
    }));

/** The longest call of these works. */
export const longestCallMs = 120_000;

export const works: fc.Arbitrary<Work> = fc
  .record({ models, hosts: fc.integer({ min: 1, max: 3 }), stages: fc.integer({ min: 1, max: 12 }) })
  .chain(({ models: made, hosts, stages }) =>
    fc
      .tuple(
        fc.tuple(...Array.from({ length: hosts }, (_, index) => host(index))),
        fc.tuple(...Array.from({ length: stages }, (_, index) => stage(index))),
      )
      .map(([itsHosts, itsStages]) => ({ models: made, hosts: itsHosts, stages: itsStages, maxWaitMs: 0 })),
  );

export const settings: FleetSettings = {
  hold: 1,
  maxWaitMs: 3_600_000,
  leastGainMs: 6_000,
  minResidencyMs: 30_000,
  lookAhead: true,
};

/** Runs a work under the planner; `see` is told of every moment, and of the plans in between. */
export const course = (
  work: Work,
  by: FleetSettings,
  see: { fleet?(fleet: VirtualFleet): void; plan?(state: FleetState, plan: FleetPlan): void },
): Outcome => runFleet(work, planned('planned', by, see.plan), see.fleet);
