/** What `npm run bench:refinery` has to show, held on every change: the rivals as measured elsewhere, and the planner's floors. */
import { describe, expect, test } from 'vitest';
import { type Figure, figureOf, informationBound, meanFigure } from './figures.ts';
import { runLab } from './laboratory.ts';
import { timePlanning } from './planning.ts';
import { type Knowledge, policies } from './policies.ts';
import reference from './reference.json' with { type: 'json' };
import { type WorldShape, worldOf } from './world.ts';

type Shape = Omit<WorldShape, 'seed'>;

const measure = (name: string, shape: Shape, seeds: readonly number[], known: Partial<Knowledge>): Figure => {
  const knowledge = { slots: 16, prior: shape.bad, attribution: false, ...known };
  return meanFigure(
    seeds.map((seed) => {
      const world = worldOf({ ...shape, seed });
      const policy = policies[name]?.(world, knowledge);
      if (policy === undefined) throw new Error(`no policy ${name}`);
      return figureOf(runLab(world, policy, { slots: knowledge.slots }));
    }),
  );
};

const seeds = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index);

describe('rivals do what they did in the simulator that the figures come from', () => {
  test.each(reference.rivals)('in a world of $world on $slots slots', (held) => {
    for (const [name, then] of Object.entries(held.policies)) {
      const now = measure(name, held.world as Shape, held.seeds, { slots: held.slots });
      for (const figure of ['landedPerT', 'waitP50', 'waitP95'] as const) {
        expect(Math.abs(now[figure] / then[figure] - 1), `${name}: ${figure}`).toBeLessThan(0.05);
      }
      expect(now.left).toBe(0);
    }
  });
});

/** Landed per T of 200 branches on 16 slots. */
const floors: readonly {
  readonly shape: Partial<Shape>;
  readonly known?: Partial<Knowledge>;
  readonly floor: number;
}[] = [
  { shape: { bad: 0.02 }, floor: 48 },
  { shape: { bad: 0.05 }, floor: 30 },
  { shape: { bad: 0.1 }, floor: 19.5 },
  { shape: { bad: 0.2 }, floor: 11.5 },
  { shape: { bad: 0.02, sigma: 0.5 }, floor: 35 },
  { shape: { bad: 0.05, sigma: 0.5 }, floor: 26 },
  { shape: { bad: 0.1, sigma: 0.5 }, floor: 17 },
  { shape: { bad: 0.2, sigma: 0.5 }, floor: 10.5 },
  { shape: { branches: 100 }, known: { slots: 1 }, floor: 2.5 },
  { shape: { semantic: 0.005, textual: 0.02, flake: 0.02 }, floor: 10 },
  { shape: {}, known: { attribution: true }, floor: 45 },
  { shape: { bad: 0.2 }, known: { attribution: true }, floor: 17.3 },
  { shape: { sigma: 0.5 }, known: { attribution: true }, floor: 39 },
  { shape: { masking: 0.15 }, known: { attribution: true }, floor: 30 },
  { shape: { masking: 0.3 }, known: { attribution: true }, floor: 30 },
];

describe('the planner', () => {
  test.each(floors)('lands $floor per T or more with $shape and $known, and main stays green', (held) => {
    const shape = { branches: 200, bad: 0.05, ...held.shape };
    const figure = measure('screen-confirm', shape, seeds(1001, 10), held.known ?? {});
    expect(figure.landedPerT).toBeGreaterThanOrEqual(held.floor);
    expect({ red: figure.redLandings, left: figure.left }).toEqual({ red: 0, left: 0 });
    expect(figure.falseRejections).toBe(0);
    if (held.known?.attribution !== true) {
      expect(figure.landedPerT).toBeLessThan(informationBound(held.known?.slots ?? 16, shape.bad));
    }
  });

  test.each([0.02, 0.05, 0.1, 0.2])('learns how many are bad, at little cost, where %s are', (bad) => {
    const shape = { branches: 200, bad };
    const told = measure('screen-confirm', shape, seeds(1001, 10), {});
    const learned = measure('screen-confirm', shape, seeds(1001, 10), { prior: undefined });
    expect(learned.landedPerT).toBeGreaterThanOrEqual(0.93 * told.landedPerT);
  });

  test('plans with 2,000 branches that wait in a moment, not in a second', () => {
    // The figures are the bench's; machines that run tests are busy.
    for (const { medianMs } of timePlanning()) expect(medianMs).toBeLessThan(800);
  });
});
