import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const count = fileURLToPath(new URL('../../.ci/count.mjs', import.meta.url));

/** What `.ci/run` leaves: the steps with their exit status, and vitest's reports by the steps' names. */
const summedUp = async (steps: string[], reports: Record<string, object> = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'gastown-count-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'steps'), `${steps.join('\n')}\n`);
  for (const [name, report] of Object.entries(reports))
    await writeFile(join(folder, `${name}.json`), JSON.stringify(report));
  return await new Promise<{ status: number; last: string | undefined }>((resolve) => {
    execFile(process.execPath, [count, folder], (error, stdout) =>
      resolve({ status: error === null ? 0 : Number(error.code), last: stdout.trim().split('\n').at(-1) }),
    );
  });
};

const report = (numPassedTests: number, numFailedTests = 0, unloaded = 0): object => ({
  numPassedTests,
  numFailedTests,
  testResults: Array.from({ length: unloaded }, () => ({ status: 'failed', assertionResults: [] })),
});

test('the tests of all steps are summed up in the last line', async () => {
  const reports = { test: report(10), crash: report(2) };
  expect(await summedUp(['0 install', '0 test', '0 crash'], reports)).toEqual({
    status: 0,
    last: '12 passed, 0 failed',
  });
});

test('failed tests are counted and fail the whole', async () => {
  const reports = { test: report(10, 2), crash: report(2) };
  expect(await summedUp(['1 test', '0 crash'], reports)).toEqual({ status: 1, last: '12 passed, 2 failed' });
});

test('a failed check, a failed install and a test file that does not load count as failures', async () => {
  expect(await summedUp(['1 test'], { test: report(10) })).toEqual({
    status: 1,
    last: '10 passed, 1 failed',
  });
  expect(await summedUp(['1 install'])).toEqual({ status: 1, last: '0 passed, 1 failed' });
  expect(await summedUp(['1 test'], { test: report(5, 0, 2) })).toEqual({
    status: 1,
    last: '5 passed, 2 failed',
  });
});

test('a run without any test is red', async () => {
  expect(await summedUp(['0 test'], { test: report(0) })).toEqual({ status: 1, last: '0 passed, 0 failed' });
});
