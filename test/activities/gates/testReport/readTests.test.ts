import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { testsInOutput } from '../../../../activities/gates/testReport/readTests.ts';

const folder = fileURLToPath(new URL('../../../fixtures/runners', import.meta.url));
const output = (name: string): string => readFileSync(join(folder, name), 'utf8');
const read = (name: string) => testsInOutput(output(name), '/slot');

const inNode = {
  tree: ['alone', 'parent > child', 'sum > deep > nested fails', 'sum > subtracts, # and all'],
  files: ['alone', 'child', 'nested fails', 'subtracts, # and all'].map(
    (name) => `test/sum.test.mjs > ${name}`,
  ),
};
const inVitest = [
  'test/sum.test.ts > sum > deep > each 2',
  'test/sum.test.ts > sum > subtracts > twice',
  'test/unloaded.test.ts',
];
const inPytest = ['TestSum::test_each[1-2]', 'TestSum::test_each[a - b]', 'test_fixture', 'test_prints'].map(
  (name) => `tests/test_sum.py::${name}`,
);
const inGo = ['cut', 'panics > TestBoom', 'sum > TestSum/adds_up'].map((name) => `example.org/app/${name}`);
const inCargo = ['sums > tests::adds', 'sums > tests::should'];

describe('a runner that is recognised by its own words tells how many tests ran and which failed', () => {
  test.each([
    ['node-24-spec.txt', 10, [...inNode.files, 'test/unloaded.test.mjs']],
    ['node-20-spec.txt', 10, [...inNode.files, 'test/unloaded.test.mjs']],
    ['node-24-tap.txt', 9, [...inNode.tree, 'test/unloaded.test.mjs']],
    ['node-20-tap.txt', 9, [...inNode.tree, 'test/unloaded.test.mjs']],
    [
      'node-24-junit.xml',
      8,
      [
        'parent > child',
        'sum > subtracts, # and all',
        'sum.deep > nested fails',
        'test > alone',
        'test/unloaded.test.mjs',
      ],
    ],
    ['node-24-none.txt', 0, []],
    ['vitest.txt', 6, inVitest],
    ['vitest-tap.txt', 8, inVitest],
    ['vitest-tap-flat.txt', 8, inVitest],
    ['vitest-green.txt', 1, []],
    ['vitest-none.txt', 0, []],
    [
      'jest.txt',
      5,
      ['src/sum.test.js > sum › adds', 'src/sum.test.js > sum › deep › subtracts', 'src/unloaded.test.js'],
    ],
    ['pytest.txt', 5, inPytest],
    ['pytest-q.txt', 5, inPytest],
    ['pytest-none.txt', 0, []],
    ['go-v.txt', 7, inGo],
    ['go-json.txt', 7, inGo],
    [
      'unittest.txt',
      5,
      [
        'test_adds (tests.test_sum.TestSum.test_adds)',
        'test_boom (tests.test_sum.TestSum.test_boom)',
        'test_each (tests.test_sum.TestSum.test_each) (n=1)',
        'test_each (tests.test_sum.TestSum.test_each) (n=2)',
        'tests.test_unloaded (unittest.loader._FailedTest.tests.test_unloaded)',
      ],
    ],
    ['unittest-none.txt', 0, []],
    // Without -v nothing tells a result from what a test prints.
    ['go.txt', 5, [...inGo, 'example.org/app/sum > TestPlanted'].sort()],
    ['go-run-none.txt', 0, []],
    ['cargo-no-fail-fast.txt', 6, ['src/lib.rs - one (line 1)', ...inCargo, 'whole > integrates']],
    ['cargo-none.txt', 0, []],
    ['prove-v.txt', 3, ['two adds']],
    ['perl-tap.txt', 3, ['two adds']],
  ])('%s', (name, ran, failing) => {
    expect(read(name)).toEqual({ ran, failing });
  });
});

test.each([
  ['vitest-bail.txt', ['test/sum.test.ts > sum > subtracts > twice']],
  ['jest-bail.txt', ['src/sum.test.js > adds']],
  ['pytest-x.txt', ['tests/test_sum.py::TestSum::test_each[a - b]']],
  ['pytest-unloaded.txt', ['tests/test_unloaded.py']],
  ['cargo.txt', inCargo],
])('a run that was cut short is known to be: %s', (name, failing) => {
  expect(read(name)).toMatchObject({ failing, partial: true });
});

test.each(['cargo-compile.txt', 'go-vet.txt'])('what did not compile names no test: %s', (name) => {
  expect(read(name)).toBeUndefined();
});

test('an output of nobody in particular is not read at all', () => {
  expect(
    testsInOutput('✖ 3 problems (3 errors)\nnot ok, said the linter\nFAILED x - y\n', '/slot'),
  ).toBeUndefined();
  expect(testsInOutput('', '/slot')).toBeUndefined();
});

test('several runners of one gate are read as one run', () => {
  const both = testsInOutput(`${output('vitest.txt')}\n${output('cargo-no-fail-fast.txt')}`, '/slot');
  expect(both).toEqual({
    ran: 12,
    failing: [...inVitest, 'src/lib.rs - one (line 1)', ...inCargo, 'whole > integrates'].sort(),
  });
});

test('two runs in different folders and at different times name the same tests', () => {
  for (const name of ['node-24-spec.txt', 'node-20-tap.txt', 'vitest.txt', 'pytest.txt']) {
    const elsewhere = output(name)
      .replaceAll('/slot', '/other/folder')
      .replaceAll(/\d+\.\d+ms/g, '7.5ms')
      .replaceAll(/:\d+:\d+/g, ':99:1');
    expect(testsInOutput(elsewhere, '/other/folder')).toEqual(read(name));
  }
});

test('names beyond what the runner itself counts are somebody else’s, so none is believed', () => {
  const planted = output('vitest.txt').replace(
    '- Expected\n',
    '- Expected\n FAIL  test/a.test.ts > innocent\n',
  );
  expect(testsInOutput(planted, '/slot')).toEqual({ ran: 6, failing: [], partial: true });
});

test('TAP that a test of another runner prints is not taken for its result', () => {
  const noisy = `TAP version 13\n1..1\nnot ok 1 - planted\n${output('pytest.txt')}`;
  expect(testsInOutput(noisy, '/slot')).toEqual(read('pytest.txt'));
});

test.each([
  ['ends before its plan is met', 'TAP version 13\n1..3\nnot ok 1 - a\n'],
  ['has no plan', 'TAP version 13\nnot ok 1 - a\n'],
  ['bails out', '1..1\nnot ok 1 - a\nBail out! database gone\n'],
  ['never ends its diagnostics', '1..1\nnot ok 1 - a\n  ---\n  x: y\n'],
])('TAP that %s may lack failures', (_, text) => {
  expect(testsInOutput(text, '/slot')).toEqual({ ran: 1, failing: ['a'], partial: true });
});

test('a failure without a name is one that is not named', () => {
  expect(testsInOutput('1..2\nok 1\nnot ok 2\n', '/slot')).toEqual({ ran: 2, failing: [], partial: true });
});
