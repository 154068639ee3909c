import { readCargoTest } from './cargoTest.ts';
import { readGoTest } from './goTest.ts';
import { readJest } from './jest.ts';
import { readJunitXml } from './junitXml.ts';
import { readNodeTest } from './nodeTest.ts';
import { type OutputText, outputText, type Reader } from './outputText.ts';
import { readPytest } from './pytest.ts';
import { readTap } from './tap.ts';
import { joinReports, type TestReport } from './testReport.ts';
import { readUnittest } from './unittest.ts';
import { readVitest } from './vitest.ts';

/** Runners that sum up what they did in words of their own. */
const withSummary: readonly Reader[] = [
  readVitest,
  readJest,
  readNodeTest,
  readPytest,
  readUnittest,
  readGoTest,
  readCargoTest,
];

/**
 * The tests that an output tells of; undefined when it is of no runner that is known by its own words. A gate may run several. TAP and
 * XML stand alone, since what tests print themselves often looks like them. Everything here was written by a model or its tests
 * (G9): it can name wrong tests, which costs the town time, and decides nothing.
 */
export const testsInOutput = (output: string, dir: string): TestReport | undefined => {
  const text = outputText(output, dir);
  const reports = withSummary.flatMap((read) => read(text) ?? []);
  return joinReports(reports) ?? readXml(text) ?? readTap(text);
};

const readXml = ({ lines, cut }: OutputText): TestReport | undefined => {
  if (cut) return;
  const at = lines.findIndex((line) => /^(?:<\?xml|<testsuites?\b)/.test(line));
  return at < 0 ? undefined : readJunitXml(lines.slice(at).join('\n'));
};
