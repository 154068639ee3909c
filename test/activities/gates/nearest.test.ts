import { afterEach, describe, expect, test } from 'vitest';
import { type BeadRun, beadRun, step } from './beadRun.ts';
import { gate } from './rig.ts';

let made: BeadRun | undefined;
afterEach(() => made?.remove());
const bead = (...args: Parameters<typeof beadRun>): BeadRun => (made = beadRun(...args));

const base = {
  'src/sum.js': 'exports.sum = (a, b) => a + b;\n',
  'src/twice.js': "const { sum } = require('./sum.js');\nexports.twice = (a) => sum(a, a);\n",
  'test/sum.test.js':
    "const test = require('node:test');\nconst assert = require('node:assert');\nconst { sum } = require('../src/sum.js');\ntest('sums', () => assert.equal(sum(1, 2), 3));\n",
  'test/twice.test.js':
    "const test = require('node:test');\nconst assert = require('node:assert');\nconst { twice } = require('../src/twice.js');\ntest('doubles', () => assert.equal(twice(2), 4));\n",
  'test/other.test.js': "require('node:test')('other', () => {});\n",
};
const broken = { 'src/sum.js': 'exports.sum = (a, b) => a - b;\n' };
const node = step('node --test {tests}');
const ran = gate('full', 'echo the full gate ran; exit 1');

describe('the tests nearest to a change', () => {
  test('that fail refuse it before any gate runs, with the names of what failed', async () => {
    const of = bead(base, broken, { nearest: node, gates: [ran] });
    const report = await of.runGates();
    expect(report).toMatchObject({
      verdict: 'red',
      failures: [{ gate: 'nearest', kind: 'exit', exitCode: 1 }],
      feedback: {
        kind: 'gates',
        nearest: 1,
        summary: expect.stringContaining('nearest: exit status 1: doubles, sums'),
      },
    });
    const told = await of.told(report);
    expect(told).toMatch(/^The tests nearest to your change fail\. The full checks did not run/);
    expect(told).toContain(
      'Command: node --test test/sum.test.js test/twice.test.js\nFailing:\n- doubles\n- sums\nFirst error: ',
    );
    expect(told).not.toContain('the full gate ran');
  });

  test('G3: that pass approve nothing', async () => {
    const of = bead(
      base,
      { 'src/sum.js': 'exports.sum = (a, b) => b + a;\n' },
      { nearest: node, gates: [ran] },
    );
    expect(await of.runGates()).toMatchObject({ verdict: 'red', failures: [{ gate: 'full' }] });
  });

  test('that say the same twice, or refuse too often, are not believed alone: the gates decide', async () => {
    const green = bead(base, broken, { nearest: node, gates: [gate('full', 'true')] });
    const first = await green.runGates();
    if (first.verdict !== 'red') throw new Error('not red');
    expect(await green.runGates({ refused: { summary: first.feedback.summary, times: 1 } })).toMatchObject({
      verdict: 'green',
    });
    expect(await green.runGates({ refused: { summary: 'other', times: 1 } })).toMatchObject({
      verdict: 'red',
      feedback: { nearest: 2 },
    });
    expect(await green.runGates({ refused: { summary: 'other', times: 3 } })).toMatchObject({
      verdict: 'green',
    });
    green.remove();
    const red = bead(base, broken, { nearest: node, gates: [ran] });
    const again = await red.runGates({ refused: { summary: first.feedback.summary, times: 1 } });
    expect(again).toMatchObject({ verdict: 'red', failures: [{ gate: 'full' }] });
    expect(again.verdict === 'red' && again.feedback.nearest).toBeFalsy();
  });

  test.each([
    ['there is no such command', 'no-such-runner {tests}'],
    ['it cannot be run', 'test/sum.test.js {tests}'],
    ['it collects nothing', 'echo "No test files found, exiting with code 1"; exit 1; : {tests}'],
    ['its options are wrong', 'node --no-such-option {tests}'],
    ['it hangs', 'sleep 60; : {tests}'],
    ['it is killed', 'echo "not ok 1 - sums"; kill -9 $$; : {tests}'],
    ['it floods', 'yes "not ok 1 - sums"; : {tests}'],
  ])('G3: are skipped when %s', async (_, run) => {
    const of = bead(base, broken, { nearest: step(run, 800), gates: [gate('full', 'test ! -e left')] });
    expect(await of.runGates()).toMatchObject({ verdict: 'green' });
  });

  test('are not asked for when the change has none, or nothing has changed', async () => {
    const nearest = step('echo "not ok 1 - never"; exit 1; : {tests}');
    const of = bead(
      { ...base, 'notes.txt': 'n\n' },
      { 'notes.txt': 'm\n' },
      { nearest, gates: [gate('full', 'true')] },
    );
    expect(await of.runGates()).toMatchObject({ verdict: 'green' });
    of.remove();
    const none = bead(base, {}, { nearest, gates: [gate('full', 'true')] });
    expect(await none.runGates()).toMatchObject({ verdict: 'green' });
  });

  test('leave nothing behind that the gates see', async () => {
    const of = bead(
      base,
      { 'src/sum.js': 'exports.sum = (a, b) => b + a;\n' },
      {
        nearest: step('touch left; echo x > src/sum.js; : {tests}'),
        gates: [gate('full', 'test ! -e left && grep -q "b + a" src/sum.js')],
      },
    );
    expect(await of.runGates()).toMatchObject({ verdict: 'green' });
  });

  test('run on what was formatted; by their folders, where a runner takes these', async () => {
    const of = bead(
      base,
      { 'src/sum.js': 'exports.sum  =  (a, b) => a - b;\n' },
      {
        format: step('for f in {files}; do sed -i "s/  */ /g" "$f"; done'),
        nearest: step('echo "not ok 1 - $(cat src/sum.js) in" {folders}; exit 1'),
        gates: [ran],
      },
    );
    const report = await of.runGates();
    expect(report).toMatchObject({ verdict: 'red', head: of.tip() });
    expect(await of.told(report)).toContain('- exports.sum = (a, b) => a - b; in ./test');
  });
});
