import { type GateTests, joinTests } from '../../workflows/domain/gateTests.ts';
import type { Gate } from '../../workflows/domain/rig.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { SandboxResult } from '../sandbox/index.ts';
import { type RedGate, redGate } from './evidence.ts';
import { testsInOutput } from './testReport/readTests.ts';
import { type ReportMarks, reportMarks, writtenReport } from './testReport/reportFile.ts';

/** How one gate went. */
export interface Judged {
  readonly result: SandboxResult;
  readonly red: RedGate | undefined;
  /** What it tells of tests; undefined where nobody asked it. */
  readonly tests: GateTests | undefined;
}

/** Runs a gate and judges it: its exit code decides (G3), and where the rig says that it runs tests, that one has run. */
export const judgeGate = async (
  { blobs, dir }: { readonly blobs: Blobs; readonly dir: string },
  gate: Gate,
  run: () => Promise<SandboxResult>,
): Promise<Judged> => {
  const before = gate.report === undefined ? undefined : await reportMarks(dir, gate.report);
  const result = await run();
  const passed = result.exitCode === 0;
  const isAsked = gate.tests === true || gate.report !== undefined;
  const tests = passed && !isAsked ? undefined : await testsOf(gate, result, dir, before);
  if (!passed) return { result, tests, red: await redGate(blobs, gate, result, dir, { tests }) };
  const none = gate.tests === true && (tests?.ran ?? 0) === 0;
  return {
    result,
    tests,
    red: none ? await redGate(blobs, gate, result, dir, { kind: 'noTests' }) : undefined,
  };
};

const testsOf = async (
  gate: Gate,
  result: SandboxResult,
  dir: string,
  before: ReportMarks | undefined,
): Promise<GateTests | undefined> => {
  // What does not compile fails no test: its output is a compiler's.
  if (gate.compile === true) return;
  const written =
    gate.report === undefined || before === undefined
      ? undefined
      : await writtenReport(dir, gate.report, before);
  const report = written ?? testsInOutput(result.output, dir);
  if (report === undefined) return;
  const { ran, failing } = report;
  const isWhole = !result.timedOut && !result.flooded && report.partial !== true;
  const tests = isWhole || failing.length === 0 ? { ran, failing } : { ran, failing: [], seen: failing };
  return joinTests([{ red: result.exitCode !== 0, tests }]);
};
