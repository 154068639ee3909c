import { expect, test } from 'vitest';
import { forecastOf } from '../../../../workflows/domain/plan/forecast.ts';

const node = (id: string, ...needs: string[]) => ({ id, needs });
const seen = (tokens: number) => ({ turns: 2, tokens, ms: 60_000 });

test('a town that has seen too little says nothing', () => {
  expect(forecastOf([{ id: 'e', needs: [], beads: [node('a')] }], [seen(1), seen(2)], 4)).toBeUndefined();
});

test('medians times beads, so that one bead that ran away spoils nothing; time by waves and slots', () => {
  const epic = { id: 'e', needs: [], beads: [node('a'), node('b'), node('c'), node('d', 'a', 'b', 'c')] };
  const history = [seen(1_000), seen(3_000), seen(900_000)];
  // Three at once and then one: with two slots that is three rounds.
  expect(forecastOf([epic], history, 2)).toEqual({ turns: 8, tokens: 12_000, ms: 180_000, from: 3 });
});

test('epics that need each other take their time one after another, others side by side', () => {
  const epics = [
    { id: 'roof', needs: ['walls'], beads: [node('a')] },
    { id: 'walls', needs: [], beads: [node('b'), node('c', 'b')] },
    { id: 'garden', needs: [], beads: [node('d')] },
  ];
  const history = [seen(10), seen(10), seen(10), seen(20)];
  expect(forecastOf(epics, history, 4)).toMatchObject({ tokens: 40, ms: 180_000, from: 4 });
});
