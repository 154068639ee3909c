import { expect, test } from 'vitest';
import { findFirstError } from '../../../activities/gates/firstError.ts';

test.each([
  ['TAP', 'TAP version 13\nok 1 - a\nnot ok 2 - adds\n', { names: ['adds'], error: undefined }],
  [
    'node:test',
    '✔ fine (0.5ms)\n✖ adds (1.2ms)\nℹ fail 1\n\n✖ failing tests:\n\n✖ adds (1.2ms)\n  AssertionError [ERR_ASSERTION]: 1 == 2\n',
    { names: ['adds'], error: 'AssertionError [ERR_ASSERTION]: 1 == 2' },
  ],
  [
    'vitest',
    ' FAIL  test/a.test.ts > sum > adds\nAssertionError: expected 1 to be 2 // Object.is equality\n',
    {
      names: ['test/a.test.ts > sum > adds'],
      error: 'AssertionError: expected 1 to be 2 // Object.is equality',
    },
  ],
  [
    'jest',
    'FAIL src/a.test.js\n  ● sum › adds\n\n    TypeError: x is not a function\n',
    { names: ['sum › adds'], error: 'TypeError: x is not a function' },
  ],
  [
    'pytest',
    'E       assert 1 == 2\nFAILED tests/test_a.py::test_adds - assert 1 == 2\n',
    { names: ['tests/test_a.py::test_adds'], error: 'E assert 1 == 2' },
  ],
  [
    'go',
    '--- FAIL: TestAdds (0.00s)\n    a_test.go:5: got 1\nFAIL\n',
    { names: ['TestAdds'], error: 'a_test.go:5: got 1' },
  ],
  ['go build', '# app\n./main.go:3:5: undefined: y\n', { names: [], error: './main.go:3:5: undefined: y' }],
  [
    'cargo',
    'test tests::adds ... FAILED\nerror[E0308]: mismatched types\n --> src/lib.rs:2:5\n',
    { names: ['tests::adds'], error: 'src/lib.rs:2:5: error[E0308]: mismatched types' },
  ],
  [
    'a panic of cargo test, whose thread has another number each time',
    "---- tests::adds stdout ----\n\nthread 'tests::adds' (20539) panicked at src/lib.rs:2:46:\nassertion `left == right` failed\n  left: -1\n\nerror: test failed, to rerun pass `--lib`\n",
    {
      names: [],
      error: "thread 'tests::adds' panicked at src/lib.rs:2:46: assertion `left == right` failed",
    },
  ],
  [
    'cargo that says only that',
    'error: test failed, to rerun pass `--lib`\n',
    { names: [], error: undefined },
  ],
  [
    'tsc',
    "src/a.ts(3,5): error TS2322: Type 'x'.\n",
    { names: [], error: "src/a.ts(3,5): error TS2322: Type 'x'." },
  ],
  [
    'eslint',
    '/src/a.js\n  3:5  error  x is unused  no-unused-vars\n',
    { names: [], error: '/src/a.js:3:5 error x is unused no-unused-vars' },
  ],
  [
    'biome, whose crosses are no tests',
    'a.ts:1:14 parse ━━━━━━━━━━━\n\n  × Expected an identifier, but instead found =.\n  \n  > 1 │ export const = ;\n\nFound 1 error.\n',
    { names: [], error: 'a.ts:1:14 parse: Expected an identifier, but instead found =.' },
  ],
  ['anything', 'building\nerror: it broke\n', { names: [], error: 'error: it broke' }],
  ['a shell', 'sh: 1: vitest: not found\n', { names: [], error: 'sh: 1: vitest: not found' }],
  [
    'npm without such a script',
    'npm error Missing script: "nope"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run\nnpm error A complete log of this run can be found in: /tmp/a.log\n',
    { names: [], error: 'npm error Missing script: "nope"' },
  ],
  ['nothing known', 'hello\n', { names: [], error: undefined }],
])('the first error of %s', (_, output, expected) => {
  expect(findFirstError(output)).toMatchObject(expected);
});
