import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJunitXml } from '../../../../activities/gates/testReport/junitXml.ts';
import { testsInOutput } from '../../../../activities/gates/testReport/readTests.ts';
import { reportLimits, type TestReport } from '../../../../activities/gates/testReport/testReport.ts';

const folder = fileURLToPath(new URL('../../../fixtures/runners', import.meta.url));
const outputs = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
const lines = [...new Set(outputs.flatMap((text) => text.split('\n')))];

const expectBounded = (report: TestReport | undefined): void => {
  const { ran = 0, failing } = report ?? { failing: [] };
  expect(ran).toBeGreaterThanOrEqual(0);
  expect(failing.length).toBeLessThanOrEqual(reportLimits.names);
  expect(failing.join('').length).toBeLessThanOrEqual(reportLimits.characters);
  expect(failing).toEqual([...new Set(failing)].sort());
  for (const name of failing) {
    expect(name).not.toBe('');
    expect([...name].length).toBeLessThanOrEqual(reportLimits.name);
    expect(name).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
  }
};

test('G9: whatever an output holds, its names are few, short and harmless', () => {
  const line = fc.oneof(
    fc.constantFrom(...lines),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .tuple(fc.constantFrom(...lines), fc.nat(60), fc.string({ unit: 'binary', maxLength: 9 }))
      .map(([text, at, more]) => text.slice(0, at) + more + text.slice(at)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (some) => {
      expectBounded(testsInOutput(some.join('\n'), '/slot'));
      expectBounded(readJunitXml(some.join('\n')));
    }),
    { numRuns: 400 },
  );
});

test('G9: a real output that was cut anywhere never names a test that did not fail in it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...outputs), fc.double({ min: 0, max: 1, noNaN: true }), (text, part) => {
      const whole = testsInOutput(text, '/slot');
      const cut = testsInOutput(text.slice(0, Math.floor(text.length * part)), '/slot');
      expectBounded(cut);
      // Parents of tests, and lines of an XML or a name that was cut itself, may be new.
      if (whole?.partial !== true && cut?.partial !== true && cut !== undefined)
        expect(cut.failing.length).toBeLessThanOrEqual(whole?.failing.length ?? 0);
    }),
    { numRuns: 400 },
  );
});

test('so many failures that they cannot all be told are told in part', () => {
  const rows = Array.from(
    { length: 3_000 },
    (_, at) => `not ok ${at + 1} - test ${String(at).padStart(5, '0')}`,
  );
  const report = testsInOutput(`TAP version 13\n1..3000\n${rows.join('\n')}\n`, '/slot');
  expect(report).toMatchObject({ ran: 3_000, partial: true });
  expect(report?.failing).toHaveLength(reportLimits.names);
});

/** Outputs of 4 MB that would hurt a reader which goes back. */
const attacks: Record<string, (size: number) => string> = {
  'one line': (size) => 'x'.repeat(size),
  'only newlines': (size) => '\n'.repeat(size),
  spaces: (size) => ' '.repeat(size),
  crosses: (size) => `ℹ tests 1\n✖ failing tests:\n${'✖ '.repeat(size / 2)}`,
  'crosses below places': (size) =>
    `ℹ tests 1\n✖ failing tests:\n${'test at a:1:1\n✖ x (1ms (1ms (1ms\n'.repeat(size / 34)}`,
  'TAP that goes ever deeper': (size) =>
    Array.from({ length: size / 200 }, (_, at) => `${' '.repeat(at % 400)}not ok 1 - a`).join('\n'),
  'TAP that comes ever up again': (size) =>
    `1..9\n${Array.from({ length: size / 60 }, (_, at) => `${' '.repeat(100 - (at % 101))}not ok 1 - ${at}`).join('\n')}`,
  'open braces': (size) => '1..1\nnot ok 1 - a {\n'.repeat(size / 21),
  'closing braces': (size) => `1..1\nnot ok 1 - a {\n${'}\n'.repeat(size / 2)}`,
  'failing lines of go': (size) => `${'--- FAIL: T/a/b/c/d/e/f/g (0.00s)\n'.repeat(size / 34)}FAIL\tp\t1s\n`,
  'different failing lines of go': (size) =>
    `${Array.from({ length: size / 24 }, (_, at) => `--- FAIL: T${at}/a (0.00s)`).join('\n')}\nFAIL\tp\t1s\n`,
  'JSON of go': (size) => '{"Time":"","Action":"run","Package":"p","Test":"T"}\n'.repeat(size / 52),
  'brackets of pytest': (size) =>
    `=== short test summary info ===\n${`FAILED a::b[${' - ['.repeat(200)}\n`.repeat(size / 816)}1 failed in 0.1s`,
  'sums of pytest': (size) => `${'1 failed, '.repeat(size / 10)}in 0.1s`,
  'many sums of pytest': (size) => `${'1 failed, '.repeat(90)}\n`.repeat(size / 901),
  'rules of vitest': (size) => `${'⎯'.repeat(900)} x\n`.repeat(size / 903),
  'terminal escapes': (size) => '\u001b[31m\u001b]8;;'.repeat(size / 10),
  'carriage returns': (size) => 'a\rb'.repeat(size / 3),
  'lists of cargo': (size) =>
    `failures:\n${'    a\n'.repeat(size / 6)}test result: FAILED. 0 passed; 1 failed;`,
  'XML without an end': (size) => `<testsuite>${'<testcase name="a">'.repeat(size / 19)}`,
  'one tag without an end': (size) => `<testsuite ${'a="'.repeat(size / 3)}`,
  'comments without an end': (size) => `<testsuite>${'<!--'.repeat(size / 4)}`,
  entities: (size) =>
    `<testsuite><testcase name="${'&amp;'.repeat(size / 5)}"><failure/></testcase></testsuite>`,
  attributes: (size) => `<testsuite><testcase ${'name '.repeat(30_000)}/>${' '.repeat(size)}</testsuite>`,
};

test.each(Object.keys(attacks))('G9: %s are read in linear time', (name) => {
  const attack = attacks[name] ?? String;
  const timeOf = (size: number): number => {
    const text = attack(size);
    const began = performance.now();
    expectBounded(testsInOutput(text, '/slot'));
    expectBounded(readJunitXml(text));
    return performance.now() - began;
  };
  timeOf(100_000);
  // Four times as much takes four times as long; nine leaves room for a busy machine.
  expect(timeOf(4_000_000)).toBeLessThan(Math.max(1_500, 9 * timeOf(1_000_000)));
});
