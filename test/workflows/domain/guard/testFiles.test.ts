import { describe, expect, it } from 'vitest';
import { changesTests, isTestFile } from '../../../../workflows/domain/guard/testFiles.ts';

const js = `import test from 'node:test';
test('adds', () => { assert.equal(1 + 1, 2); });
test('subtracts', () => { assert.equal(2 - 1, 1); });
`;
const nothing = { files: [], task: 'Repair add.' };
const named = { files: ['test/a.test.js'], task: 'Repair add.' };
const of = (after: string | undefined, leave = named): string | undefined =>
  changesTests('test/a.test.js', js, after, leave);

describe('G3: the tests that judge a polecat', () => {
  it.each([
    ...['test/a.test.js', 'src/__tests__/a.tsx', 'pkg/a_test.go', 'test_a.py', 'tests.py', 'a/b/test_c.py'],
    ...[
      'spec/a_spec.rb',
      'src/main/FooTest.java',
      'tests/fixtures/a.json',
      'src/a.spec.ts',
      'test-a.js',
      'TEST/A.JS',
    ],
  ])('%s is one', (path) => expect(isTestFile(path)).toBe(true));

  it.each([
    'src/a.ts',
    'src/testing.ts',
    'src/latest.js',
    'contest/a.py',
    'src/attest.c',
    'test/README.md',
    'src/Contest.java',
  ])('%s is none', (path) => expect(isTestFile(path)).toBe(false));

  it('stay as they are where the bead does not name them', () => {
    expect(of(`${js}test('more', () => { assert.ok(1); });\n`, nothing)).toContain('is a protected test');
    expect(of(undefined, nothing)).toContain('does not say that it is to be deleted');
    expect(of(js, nothing)).toBeUndefined();
    expect(changesTests('src/a.js', 'a', undefined, nothing)).toBeUndefined();
  });

  it('may be rewritten where it names them, in its files or in its task', () => {
    const renamed = js.replaceAll('1 + 1', 'add(1, 1)');
    expect(of(renamed)).toBeUndefined();
    expect(
      of(renamed, { files: [], task: 'Rename plus to add, in test/a.test.js as well.' }),
    ).toBeUndefined();
  });

  it.each([
    ['without a test', js.replace(/test\('subtracts.*\n/, '')],
    ['without a check', js.replace('assert.equal(2 - 1, 1);', '')],
    ['with a skip', js.replace("test('adds'", "test.skip('adds'")],
    ['with an only', js.replace("test('adds'", "test.only('adds'")],
    ['with an option to skip', js.replace("test('adds', ", "test('adds', { skip: true }, ")],
    ['in a comment', js.replace("test('adds'", "// test('adds'")],
    ['in a long comment', `/* ${js} */`],
    ['with an early end', js.replace('{ assert', '{\nreturn;\nassert')],
    ['with an end of all', `process.exit(0);\n${js}`],
    ['emptied', ''],
  ])('are never weakened, though named: %s', (_, after) =>
    expect(of(after)).toMatch(/tests less than before/),
  );

  it('are never weakened in other languages either', () => {
    const py = 'class A(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n';
    const weak = [
      py.replace('    def', '    @unittest.skip("later")\n    def'),
      py.replace('        self', '        return\n        self'),
      py.replace('test_a', 'check_a'),
    ];
    for (const after of weak)
      expect(changesTests('test_a.py', py, after, { files: ['test_a.py'], task: '' })).toMatch(/less/);
    const sh = 'check a "$x" 1\nfailed=1\nexit $failed\n';
    for (const after of [
      `exit 0\n${sh}`,
      sh.replace('failed=1', 'failed=0'),
      sh.replace(' 1\n', ' 1 || true\n'),
    ])
      expect(changesTests('test/a.sh', sh, after, { files: ['test/a.sh'], task: '' })).toMatch(/less/);
  });

  it('go away only when the task says so', () => {
    expect(of(undefined)).toBeDefined();
    expect(of(undefined, { ...named, task: 'Make test/a.test.js pass. Delete src/old.js.' })).toBeDefined();
    expect(
      of(undefined, { ...named, task: 'Delete src/old.js and its test test/a.test.js.' }),
    ).toBeUndefined();
    expect(of(undefined, { ...named, task: 'Rename a.test.js to b.test.js.' })).toBeUndefined();
  });
});
