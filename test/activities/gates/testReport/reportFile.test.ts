import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reportMarks, writtenReport } from '../../../../activities/gates/testReport/reportFile.ts';

let root: string;
let dir: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'gastown-report-')));
  dir = join(root, 'tree');
  mkdirSync(dir);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const failing = (name: string): string =>
  `<testsuite><testcase name="${name}"><failure/></testcase></testsuite>`;

/** What is found after a gate that does this. */
const after = async (path: string, gate: () => void) => {
  const before = await reportMarks(dir, path);
  gate();
  return writtenReport(dir, path, before);
};

test('the file that a gate has written is read', async () => {
  const report = await after('out/junit.xml', () => {
    mkdirSync(join(dir, 'out'));
    writeFileSync(join(dir, 'out/junit.xml'), failing('a'));
  });
  expect(report).toEqual({ ran: 1, failing: ['a'] });
});

test('G9: a report that was there before says nothing of this run, the same text written again does', async () => {
  writeFileSync(join(dir, 'junit.xml'), failing('a'));
  expect(await after('junit.xml', () => undefined)).toBeUndefined();
  const again = await after('junit.xml', () => writeFileSync(join(dir, 'junit.xml'), failing('a')));
  expect(again).toEqual({ ran: 1, failing: ['a'] });
});

test('of a folder the files that are new are read together', async () => {
  mkdirSync(join(dir, 'reports'));
  writeFileSync(join(dir, 'reports/old.xml'), failing('old'));
  const report = await after('reports', () => {
    writeFileSync(join(dir, 'reports/a.xml'), failing('a'));
    writeFileSync(join(dir, 'reports/b.xml'), failing('b'));
    writeFileSync(join(dir, 'reports/b.txt'), failing('c'));
  });
  expect(report).toEqual({ ran: 2, failing: ['a', 'b'] });
});

test('G9: no link leads out of the tree, neither the file nor a folder above it', async () => {
  writeFileSync(join(root, 'secret.xml'), failing('secret'));
  expect(
    await after('junit.xml', () => symlinkSync(join(root, 'secret.xml'), join(dir, 'junit.xml'))),
  ).toBeUndefined();
  expect(await after('up/secret.xml', () => symlinkSync(root, join(dir, 'up')))).toBeUndefined();
  expect(await after('up', () => undefined)).toBeUndefined();
});

test('G9: a pipe in its place is not waited for', async () => {
  expect(
    await after('junit.xml', () => void execFileSync('mkfifo', [join(dir, 'junit.xml')])),
  ).toBeUndefined();
});

test('G9: one that is too large is not read, and known to be missing', async () => {
  const report = await after('junit.xml', () => {
    writeFileSync(join(dir, 'junit.xml'), failing('a'));
    truncateSync(join(dir, 'junit.xml'), 50 * 2 ** 20);
  });
  expect(report).toEqual({ ran: undefined, failing: [], partial: true });
});

test('nothing, or something else, is no report', async () => {
  expect(await after('junit.xml', () => undefined)).toBeUndefined();
  expect(await after('junit.xml', () => writeFileSync(join(dir, 'junit.xml'), 'hello'))).toBeUndefined();
});
