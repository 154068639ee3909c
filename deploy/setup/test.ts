/** `npm test`: all checks, then all tests. With arguments, which go to vitest, only those tests: `npm test -- test/deploy`. */
import { runChecks } from './check.ts';
import { showTool } from './tool.ts';

const args = process.argv.slice(2);
const failed = args.length === 0 ? await runChecks() : [];
if (args.length === 0)
  console.log(failed.length === 0 ? '\nChecks passed; now the tests.' : '\nNow the tests.');

// For .ci/run, which counts: the same output, and a report beside it.
const report = process.env['GASTOWN_TEST_REPORT'];
const reporters =
  report === undefined ? [] : ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const status = await showTool('vitest', 'vitest', ['run', ...args, ...reporters]);
if (failed.length > 0) console.error(`\nChecks failed, see above: ${failed.join(', ')}.`);
process.exitCode = failed.length > 0 ? 1 : status;
