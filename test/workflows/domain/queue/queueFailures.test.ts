import { expect, test } from 'vitest';
import { maxEvidence } from '../../../../workflows/domain/failure.ts';
import { gateRed } from '../../../../workflows/domain/queue/queueFailures.ts';

const base = 'b'.repeat(40);
const commit = 'c'.repeat(40);
const group = { base, baseTree: '', gateHash: '', commit, tree: '', members: [], upstream: undefined };
const red = (more: object = {}) => ({
  verdict: 'red' as const,
  failures: [{ gate: 'tests', summary: 'exit status 1: adds', command: 'npm test' }],
  feedback: { summary: 'tests: exit status 1', ref: 'f'.repeat(64) },
  ...more,
});

test('G10: what is sent back names the failing tests, the base, the log and the command that shows it again', () => {
  const tests = { ran: 9, failing: ['a.test.ts > adds', 'a.test.ts > divides'] };
  const failure = gateRed(group, red({ tests }));
  expect(failure.type).toBe('GateRed');
  expect(failure.evidence.split('\n')).toEqual([
    `commit ${commit}`,
    `base ${base}`,
    `reproduce: git rebase ${base} && npm test`,
    'tests: exit status 1: adds',
    'failing: a.test.ts > adds',
    'failing: a.test.ts > divides',
    `output: blob ${'f'.repeat(64)}`,
  ]);
});

test('G10: a first run that failed otherwise is told beside the second, and one that failed the same is not', () => {
  const tests = (name: string) => ({ tests: { ran: 9, failing: [name] } });
  const told = gateRed(group, red(tests('adds')), red(tests('divides'))).evidence.split('\n');
  expect(told.filter((line) => line.startsWith('the first time'))).toEqual([
    'the first time failing: divides',
  ]);
  expect(gateRed(group, red(tests('adds')), red(tests('adds'))).evidence).not.toContain('the first time');
});

test('tests of a run that was cut short are told, too, and a command that is not known is not made up', () => {
  const failures = [{ gate: 'tests', summary: 'killed after its timeout of 5 s' }];
  const { evidence } = gateRed(group, red({ failures, tests: { ran: 1, failing: [], seen: ['adds'] } }));
  expect(evidence).toContain('failing: adds');
  expect(evidence).not.toContain('reproduce');
});

test('G9: many long names from a model stay one line each, and the evidence short', () => {
  const failing = Array.from({ length: 200 }, (_, at) => `${at} \u001b[31m\n${'x'.repeat(190)}`);
  const { evidence } = gateRed(group, red({ tests: { ran: 200, failing } }));
  expect(evidence.length).toBeLessThanOrEqual(maxEvidence);
  expect(evidence).toContain('failing: and 190 more');
  expect(evidence).not.toContain('\u001b');
  expect(evidence.split('\n')).toHaveLength(16);
});
