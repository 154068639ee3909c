import { afterEach, describe, expect, test } from 'vitest';
import { createGateRunner, type GateRun, gateHash, gateReport } from '../../../activities/gates/index.ts';
import { bareRung } from '../../../activities/sandbox/index.ts';
import type { Gate } from '../../../workflows/domain/rig.ts';
import { gate, makeTestRig, type TestRig } from './rig.ts';

let made: TestRig | undefined;
afterEach(() => made?.remove());

const node = process.execPath;
const suite = (name: string, body: string): Record<string, string> => ({
  [`test/${name}.test.mjs`]: `import assert from 'node:assert';\nimport { test } from 'node:test';\n${body}\n`,
});
const files = {
  '.gitignore': 'out/\n',
  ...suite('sum', "test('adds', () => assert.equal(1, 2)); test('fine', () => {});"),
};
const nodeTest = (more: Partial<Gate> = {}, args = ''): Gate => ({
  ...gate('test', `'${node}' --test --test-reporter=spec ${args}`),
  ...more,
});

const run = async (
  gates: readonly Gate[],
  texts: Readonly<Record<string, string>> = files,
): Promise<GateRun> => {
  made = makeTestRig(texts);
  const { home, blobs, rig, dir } = made;
  const runner = createGateRunner({ home, blobs, rungFor: async () => bareRung });
  return runner.runGates({ rig: { ...rig, gates }, dir, names: [] });
};

describe('a red gate names the tests that failed', () => {
  test('as the output of its runner does', async () => {
    const red = await run([nodeTest()]);
    expect(red.tests).toEqual({ ran: 2, failing: ['test/sum.test.mjs > adds'] });
    expect(gateReport(red, 'tree', 'hash')).toMatchObject({ tests: red.tests });
  });

  test('as the report says that it has written, which its line for people then says, too', async () => {
    const quiet = {
      ...gate('test', `mkdir -p out; '${node}' --test --test-reporter=junit > out/junit.xml`),
      report: 'out/junit.xml',
    };
    const red = await run([quiet]);
    expect(red.tests).toEqual({ ran: 2, failing: ['test > adds'] });
    expect(red.failures[0]?.summary).toContain('test > adds');
  });

  test('and others that go on beside it name theirs', async () => {
    const more = suite('more', "test('multiplies', () => assert.ok(false));");
    const red = await run(
      [nodeTest({ name: 'one' }, 'test/sum.test.mjs'), nodeTest({ name: 'two' }, 'test/more.test.mjs')],
      { ...files, ...more },
    );
    expect(red.tests).toEqual({
      ran: 3,
      failing: ['test/more.test.mjs > multiplies', 'test/sum.test.mjs > adds'],
    });
  });
});

describe('names are for people alone where others may have failed', () => {
  test.each<[string, Gate]>([
    ['another gate is red and names nothing', gate('lint', 'echo sad; exit 1')],
    ['a gate that only compiles is red', { ...gate('types', 'exit 2'), compile: true }],
    ['a gate hangs', gate('hangs', 'sleep 60', 300)],
  ])('%s', async (_, other) => {
    const red = await run([nodeTest(), other]);
    expect(red.tests).toEqual({ ran: 2, failing: [], seen: ['test/sum.test.mjs > adds'] });
  });

  test('a gate that only compiles names no test, whatever it prints', async () => {
    const red = await run([
      { ...gate('types', 'printf "1..1\\nnot ok 1 - planted\\n"; exit 1'), compile: true },
    ]);
    expect(red.tests).toBeUndefined();
  });
});

describe('a gate of which the rig says that it runs tests', () => {
  test('is green when one has run, and tells how many', async () => {
    const green = await run([nodeTest({ tests: true }, '--test-name-pattern=fine')]);
    expect(green).toMatchObject({ verdict: 'green', tests: { ran: 1, failing: [] } });
    expect(gateReport(green, 'tree', 'hash')).toMatchObject({ verdict: 'green', tests: { ran: 1 } });
  });

  test('G3: is red when none has, whatever its exit code, and the gates after it still run', async () => {
    const none = await run([nodeTest({ tests: true }), gate('lint', 'true')], { 'a.txt': 'a\n' });
    expect(none.gates).toMatchObject([
      { gate: 'test', passed: false },
      { gate: 'lint', passed: true },
    ]);
    expect(none.failures).toMatchObject([{ gate: 'test', kind: 'noTests', exitCode: 0 }]);
    expect(none.failures[0]?.summary).toMatch(/^no test ran, although this gate runs tests/);
    expect(none.feedback?.failure).toBe('NoTestsRan');
    expect(await made?.blobs.get(none.feedback?.ref ?? '')).toContain('no test ran');
  });

  test('is red when nothing says that a test has run', async () => {
    const red = await run([{ ...gate('test', 'echo all good'), tests: true }]);
    expect(red).toMatchObject({ verdict: 'red', failures: [{ kind: 'noTests' }] });
  });

  test('G9: is not made green by a report that was committed', async () => {
    const report = '<testsuite><testcase name="planted"/></testsuite>';
    const red = await run([{ ...gate('test', 'true'), tests: true, report: 'junit.xml' }], {
      'junit.xml': report,
    });
    expect(red).toMatchObject({ verdict: 'red', failures: [{ kind: 'noTests' }] });
  });

  test('that fails otherwise, too, is told as what it is', async () => {
    const red = await run([{ ...gate('test', 'exit 3'), tests: true }]);
    expect(red.failures).toMatchObject([{ kind: 'exit', exitCode: 3 }]);
    expect(red.feedback?.failure).toBeUndefined();
  });
});

test('gates without such demands read nothing when they are green', async () => {
  expect((await run([gate('test', 'printf "1..1\\nok 1 - a\\n"')])).tests).toBeUndefined();
});

test('what a gate must show is part of its hash, and so is what it may use', () => {
  made = makeTestRig({ 'a.txt': 'a\n' });
  const rig = { ...made.rig, gates: [gate('one', 'true')] };
  const of = (more: Partial<Gate>) => gateHash({ ...rig, gates: [{ ...gate('one', 'true'), ...more }] });
  const hashes = [
    gateHash(rig),
    of({ report: 'junit.xml' }),
    of({ compile: true }),
    of({ tests: true }),
    gateHash({ ...rig, runLimits: { memoryMiB: 64 } }),
    gateHash({ ...rig, sandbox: 'off' }),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(of({ compile: false, tests: false })).toBe(gateHash(rig));
});

test('a failure carries its command for people, unless that is long', async () => {
  const red = await run([
    gate('a', 'exit 1'),
    gate('b', `true ${'x'.repeat(400)}; exit 1`),
    gate('c', 'true\nexit 1'),
  ]);
  expect(red.failures.map(({ command }) => command)).toEqual(['exit 1', undefined, undefined]);
});
