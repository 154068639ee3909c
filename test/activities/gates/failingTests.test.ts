import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failingTests, mostNames, nameList } from '../../../activities/gates/failingTests.ts';

test.each([
  [
    'TAP',
    'TAP version 13\nok 1 - fine\nnot ok 2 - adds\n  ---\n  message: x\n  ...\nnot ok 3 - later # TODO\n1..3\n',
    ['adds'],
  ],
  [
    'TAP of vitest',
    'TAP version 13\n1..1\nnot ok 1 - test/a.test.ts # time=20.98ms {\n    1..1\n    not ok 1 - adds # time=13.59ms\n        ---\n',
    ['adds', 'test/a.test.ts'],
  ],
  [
    'node --test, nested',
    '▶ sum\n  ✔ adds (0.4ms)\n  ✖ subtracts (1.3ms)\n✖ sum (2.1ms)\nℹ tests 2\nℹ fail 1\n\n✖ failing tests:\n\ntest at test/sum.test.js:5:3\n✖ subtracts (1.3ms)\n  AssertionError [ERR_ASSERTION]: 1 == 2\n',
    ['subtracts', 'sum'],
  ],
  [
    'vitest',
    ' ❯ test/a.test.ts (2 tests | 1 failed) 5ms\n   ✓ sum > fine 1ms\n   × sum > adds 4ms\n\n⎯⎯⎯ Failed Tests 1 ⎯⎯⎯\n\n FAIL  test/a.test.ts > sum > adds\nAssertionError: expected 1 to be 2\n\n Test Files  1 failed (1)\n',
    ['test/a.test.ts > sum > adds'],
  ],
  [
    'vitest with projects, and a file that cannot be loaded',
    ' FAIL  |unit| test/b.test.ts [ test/b.test.ts ]\nError: Cannot find module ./b.ts\n FAIL  |unit| test/a.test.ts > adds\n',
    ['test/a.test.ts > adds', 'test/b.test.ts'],
  ],
  [
    'jest',
    'FAIL src/a.test.js\n  ● Console\n\n    console.log\n  ● sum › adds\n\n    expect(received).toBe(expected)\n  ● alone\n\nFAIL src/b.test.js (5.1 s)\n  ● Test suite failed to run\n\n    Cannot find module\n\nTests: 2 failed\n',
    ['alone', 'src/b.test.js', 'sum › adds'],
  ],
  [
    'mocha',
    '  1 passing (4ms)\n  1 failing\n\n  1) sum\n       adds:\n     AssertionError: 1 == 2\n',
    ['sum'],
  ],
  [
    'pytest',
    'FF [100%]\n=== short test summary info ===\nFAILED tests/test_a.py::TestSum::test_adds[1-2] - assert 1 == 2\nERROR tests/test_b.py - ModuleNotFoundError: No module named x\nERROR tests/test_c.py::test_fixture - RuntimeError: y\n2 failed\n',
    ['tests/test_a.py::TestSum::test_adds[1-2]', 'tests/test_b.py', 'tests/test_c.py::test_fixture'],
  ],
  [
    'pytest told a file that is not there',
    'ERROR: file or directory not found: tests/x.py\n\nno tests ran in 0.00s\n',
    [],
  ],
  [
    'unittest',
    'F.E\n======\nFAIL: test_adds (tests.test_a.TestSum.test_adds)\n------\nERROR: test_b (unittest.loader._FailedTest.test_b)\nFAILED (failures=1, errors=1)\n',
    ['test_adds (tests.test_a.TestSum.test_adds)', 'test_b (unittest.loader._FailedTest.test_b)'],
  ],
  [
    'go',
    '--- FAIL: TestSum (0.00s)\n    --- FAIL: TestSum/adds (0.00s)\n        sum_test.go:9: got 1\nFAIL\nFAIL\texample.org/sum\t0.002s\nFAIL\texample.org/cut [build failed]\nok  \texample.org/ok\t0.001s\n',
    ['TestSum/adds', 'example.org/cut'],
  ],
  [
    'cargo',
    "running 2 tests\ntest tests::fine ... ok\ntest tests::adds ... FAILED\n\nfailures:\n\n---- tests::adds stdout ----\nthread 'tests::adds' panicked at src/lib.rs:9:9:\n\nfailures:\n    tests::adds\n\ntest result: FAILED. 1 passed; 1 failed\n",
    ['tests::adds'],
  ],
  [
    'surefire',
    '[ERROR] Tests run: 2, Failures: 1, Errors: 0, Skipped: 0\n[ERROR] org.shop.CartTest.sums -- Time elapsed: 0.01 s <<< FAILURE!\n[ERROR] Failures: \n[ERROR]   CartTest.sums:12 expected: <3> but was: <2>\n',
    ['CartTest.sums', 'org.shop.CartTest.sums'],
  ],
  [
    'gradle',
    'CartTest > sums() FAILED\n    org.opentest4j.AssertionFailedError at CartTest.java:12\n',
    ['CartTest > sums()'],
  ],
  [
    'JUnit XML',
    '<testsuite name="s" tests="3"><testcase classname="a.T" name="fine" time="0"/>\n<testcase name="adds &lt;1&gt;" classname="a.T" time="0.1">\n  <failure message="x">y</failure></testcase><testcase name="boom"><error/></testcase></testsuite>\n',
    ['a.T > adds <1>', 'boom'],
  ],
  [
    'rspec',
    'Failures:\n\n  1) Cart sums\n     Failure/Error: x\n\nrspec ./spec/cart_spec.rb:4 # Cart sums\n',
    ['./spec/cart_spec.rb:4', 'Cart sums'],
  ],
  [
    'a linter',
    '/src/a.js\n  3:5  error  x is unused  no-unused-vars\n\n✖ 1 problem (1 error, 0 warnings)\n',
    [],
  ],
  ['a command that is not there', 'sh: 1: vitest: not found\n', []],
  ['nothing collected', 'No test files found, exiting with code 1\n\nfilter: test/x.test.ts\n', []],
])('the failing tests of %s', (_, output, names) => {
  expect(failingTests(output)).toEqual(names);
});

test('the order in which a runner names them does not matter, and there is an end', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  fc.assert(
    fc.property(fc.uniqueArray(word, { maxLength: 60 }), (words) => {
      const lines = words.map((one, at) => `not ok ${at + 1} - ${one}`);
      const names = failingTests(lines.join('\n'));
      expect(names.length).toBe(Math.min(mostNames, words.length));
      if (words.length <= mostNames) expect(failingTests(lines.toReversed().join('\n'))).toEqual(names);
    }),
  );
});

test('hostile output takes no longer than other output', () => {
  const lines = [
    '✖ '.repeat(20_000),
    `<testcase ${'name="a" '.repeat(20_000)}`,
    `FAIL  ${' > '.repeat(20_000)}`,
    ' '.repeat(60_000),
  ];
  const began = performance.now();
  failingTests(`${lines.join('\n')}\n`.repeat(5));
  expect(performance.now() - began).toBeLessThan(2_000);
});

test('a list says how many it leaves out', () => {
  expect(nameList(['a', 'b', 'c'], 100)).toBe('a, b, c');
  expect(nameList(['aaaa', 'bbbb', 'cccc'], 18)).toBe('aaaa and 2 more');
  expect(nameList([], 10)).toBe('');
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 30 }), { maxLength: 9 }),
      fc.nat(200),
      (names, room) => {
        expect(nameList(names, room).length).toBeLessThanOrEqual(
          Math.max(room, (names[0]?.length ?? 0) + 14),
        );
      },
    ),
  );
});
