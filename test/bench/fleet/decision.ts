import type { FleetModel, FleetState, Stage } from '../../../workflows/domain/fleet/fleet.ts';
import { planFleet } from '../../../workflows/domain/fleet/plan.ts';
import { defaultFleetSettings } from '../../../workflows/domain/fleet/settings.ts';
import { median } from './report.ts';

export interface DecisionTime {
  readonly hosts: number;
  readonly models: number;
  readonly readyCalls: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

/** How long the planner thinks about a large fleet with much to do. */
export const timeDecisions = (decisions: number): DecisionTime => {
  const [hosts, models, readyCalls] = [12, 20, 500];
  const times = Array.from({ length: decisions }, (_, index) => {
    const state = largeState(hosts, models, readyCalls, index);
    const began = performance.now();
    planFleet(state, defaultFleetSettings);
    return performance.now() - began;
  });
  const tenth = (ms: number): number => Math.round(ms * 10) / 10;
  return { hosts, models, readyCalls, medianMs: tenth(median(times)), maxMs: tenth(Math.max(...times)) };
};

/** A fleet in the middle of its work: some hosts busy, some idle, one swapping; every call has a review after it. */
export const largeState = (hosts: number, models: number, readyCalls: number, salt: number): FleetState => {
  const now = 1_700_000_000_000;
  const key = (index: number): string => `model-${((index % models) + models) % models}`;
  const stages = Array.from({ length: readyCalls }, (_, index): Stage[] => {
    const callMs = 20_000 + ((index * 7_919 + salt * 104_729) % 80_000);
    const shape = { callMs, gapMs: 15_000, at: now - ((index * 613) % 600_000) };
    return [
      {
        id: `code-${index}`,
        model: key(index * index + salt),
        kind: 'code',
        needs: [],
        calls: 1 + (index % 4),
        state: 'ready',
        ...shape,
      },
      {
        id: `review-${index}`,
        model: key(index + 3),
        kind: 'review',
        needs: [`code-${index}`],
        calls: 1,
        state: 'coming',
        ...shape,
      },
    ];
  }).flat();
  return {
    now,
    models: Array.from(
      { length: models },
      (_, index): FleetModel => ({
        ...{ key: key(index), weights: key(index), context: 32_768, bytes: (4 + (index % 5) * 4) * 1e9 },
        ...{ loadMs: 8_000 + index * 1_000, unloadMs: 5_000 + index * 500 },
      }),
    ),
    hosts: Array.from({ length: hosts }, (_, index) => {
      const resident = [key(index + salt)];
      const busy = index % 3 === 0 ? 4 : index % 3 === 1 ? 2 : 0;
      return {
        ...{
          host: `host-${index}`,
          slots: 4,
          memory: 24e9,
          coresident: false,
          resident,
          since: now - 600_000,
        },
        serves: Array.from({ length: models }, (_, model) => key(model)),
        running: Array.from({ length: busy }, () => ({
          model: key(index + salt),
          stage: undefined,
          since: now - 10_000,
        })),
        ...(index === 11 ? { resident: [], running: [], swap: { to: resident, endsAt: now + 15_000 } } : {}),
      };
    }),
    stages,
  };
};
