/**
 * `count.mjs <folder>`: sums up vitest's reports and prints `N passed, N failed` as the last line. A step that failed
 * in another way than by a failed test (a check, an install, a test file that does not load) counts as one failure.
 * Exit status 1 when anything failed, or when no test ran.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
let [passed, failed] = [0, 0];
for (const line of readFileSync(join(folder, 'steps'), 'utf8').trim().split('\n')) {
  const [status, title] = line.split(' ');
  const report = join(folder, `${title}.json`);
  const tests = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  const unloaded = (tests?.testResults ?? []).filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const red = (tests?.numFailedTests ?? 0) + unloaded;
  passed += tests?.numPassedTests ?? 0;
  failed += red === 0 && status !== '0' ? 1 : red;
}
if (passed + failed === 0) console.error('No test ran.');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
