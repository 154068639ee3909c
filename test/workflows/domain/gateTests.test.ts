import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failingTests, joinTests, type TestedPart } from '../../../workflows/domain/gateTests.ts';

const names = fc.uniqueArray(fc.stringMatching(/^[a-f]$/), { maxLength: 4 });
const tests = fc.oneof(
  fc.record({ ran: fc.option(fc.nat(9), { nil: undefined }), failing: names }),
  fc.record({ ran: fc.option(fc.nat(9), { nil: undefined }), failing: fc.constant([]), seen: names }),
);
const part = fc.record({ red: fc.boolean(), tests: fc.option(tests, { nil: undefined }) });

test('names stand for all that failed only where every red gate names what failed in it', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts: TestedPart[]) => {
      const joined = joinTests(parts);
      const red = parts.filter((one) => one.red);
      const all = [...new Set(red.flatMap((one) => (one.tests ? failingTests(one.tests) : [])))].sort();
      if (joined === undefined) {
        expect(parts.every((one) => one.tests === undefined)).toBe(true);
        return;
      }
      expect(failingTests(joined)).toEqual(all);
      if (joined.failing.length > 0)
        expect(red.every((one) => (one.tests?.failing.length ?? 0) > 0)).toBe(true);
      else if (all.length > 0) expect(red.some((one) => (one.tests?.failing.length ?? 0) === 0)).toBe(true);
    }),
  );
});

test('G3: what a green gate calls failed counts for nothing', () => {
  expect(joinTests([{ red: false, tests: { ran: 2, failing: ['a'] } }])).toEqual({ ran: 2, failing: [] });
});

test('joining runs of parts says the same as joining the parts', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.nat(6), (parts: TestedPart[], at) => {
      const halves = [parts.slice(0, at), parts.slice(at)].map((some) => ({
        red: some.some(({ red }) => red),
        tests: joinTests(some),
      }));
      expect(joinTests(halves)).toEqual(joinTests(parts));
    }),
  );
});

test('more names than travel through a history are not all', () => {
  const many = Array.from({ length: 150 }, (_, at) => `a${at}`);
  const more = many.map((name) => `b${name}`);
  const joined = joinTests([
    { red: true, tests: { ran: 150, failing: many } },
    { red: true, tests: { ran: 150, failing: more } },
  ]);
  expect(joined?.failing).toEqual([]);
  expect(joined?.seen).toHaveLength(200);
});
