import type { QueueCounts, QueueRun, RefineryStatus } from '../../workflows/domain/report/report.ts';
import { counted, duration } from './amounts.ts';
import { closedLines } from './refineryQueue.ts';
import type { Terminal } from './terminal.ts';
import { refineryLines } from './townPage.ts';

/** `gt refinery status`: a merge queue, the tests that run, and what it has done. */
export const refinerySummary = (
  status: RefineryStatus,
  terminal: Terminal,
  now: number,
): readonly string[] => {
  const { counts, runs = [], slots } = status;
  const running = runs.filter(({ state }) => state === 'running');
  return [
    ...refineryLines(status, terminal),
    ...closedLines(status),
    ...(slots === undefined ? [] : [`  tests: ${running.length} of ${slots} at once`]),
    ...running.map((run) => `    ${runLine(run, now)}`),
    ...(counts === undefined || counts.tests + counts.wasted === 0 ? [] : countLines(counts)),
  ];
};

const runLine = ({ run, purpose, members, since }: QueueRun, now: number): string =>
  `run ${run}${since === undefined ? '' : ` since ${duration(Math.max(0, now - since))}`}: ${purpose}` +
  `${members.length === 0 ? '' : `, ${members.length} in it`}`;

const countLines = (counts: QueueCounts): readonly string[] => {
  const { tests, wasted, landings, branches, testsPerLanded, meanWaitMs } = counts;
  return [
    `  so far: ${counted(tests, 'test')} and ${wasted} cancelled; ${branches} landed in ${counted(landings, 'landing')}`,
    ...(testsPerLanded === undefined || meanWaitMs === undefined
      ? []
      : [
          `  for each that landed: ${testsPerLanded.toFixed(2)} tests, and a wait of ${duration(meanWaitMs)}`,
        ]),
  ];
};
