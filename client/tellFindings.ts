import { type Finding, worstOf } from '../workflows/domain/finding.ts';
import { type Answer, printLines } from './answer.ts';
import { exitCode } from './exitCodes.ts';
import { findingLines, findingsSummary, nameWidthOf } from './render/findings.ts';
import { terminalOf } from './render/terminal.ts';

interface Telling {
  readonly json: boolean;
  /** What a person is told, once in a while, who would think that nothing happens. */
  readonly patience: string;
  /** What will be looked at, as far as that is known before. */
  readonly checks?: readonly string[];
}

/** Prints each finding as soon as it is known; the answer counts them, and fails when something does not work. */
export const tellFindings = async (
  found: AsyncIterable<Finding>,
  { json, patience, checks = [] }: Telling,
): Promise<Answer> => {
  const terminal = terminalOf(process.stdout);
  const findings: Finding[] = [];
  const slow = process.stderr.isTTY
    ? setTimeout(() => process.stderr.write(`${patience}\n`), quietMs).unref()
    : undefined;
  try {
    for await (const finding of found) {
      const before = findings.at(-1);
      findings.push(finding);
      slow?.refresh();
      // Several mistakes of one file are mended by one step.
      const saysNext = before === undefined || before.check !== finding.check || before.fix !== finding.fix;
      if (!json) printLines(findingLines(finding, terminal, nameWidthOf(checks), { saysNext }));
    }
  } finally {
    clearTimeout(slow);
  }
  const worst = worstOf(findings);
  return {
    data: findings,
    meta: { worst, count: findings.length },
    lines: () => ['', findingsSummary(findings, terminal)],
    code: worst === 'fail' ? exitCode.failed : exitCode.ok,
  };
};

const quietMs = 8_000;
