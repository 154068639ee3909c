import type { QueueRun, RefineryStatus } from '../../workflows/domain/report/report.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { duration, short } from './amounts.ts';
import type { Terminal } from './terminal.ts';

interface Page {
  readonly terminal: Terminal;
  readonly now: number;
  /** File with what the gates printed. */
  readonly output: string | undefined;
}

/** `gt refinery show`: a test of a group, what is in it, and what came of it. */
export const runPage = (
  { rig, target, tip }: RefineryStatus,
  run: QueueRun,
  { terminal, now, output }: Page,
): readonly string[] => {
  const { base, commit, members, purpose, failures = [] } = run;
  return [
    terminal.paint('bold', `Run ${run.run} of ${rig} ${oneLine(target)}`) + `: ${stateText(run, now)}`,
    `  for: ${purpose}`,
    `  on: ${base === undefined ? 'an earlier commit of the target' : `${short(oneLine(base))}${base === tip ? ', where the target is' : ''}`}`,
    ...(commit === undefined || commit === base ? [] : [`  as: ${short(oneLine(commit))}`]),
    members.length === 0 ? '  with: the target itself' : '  with:',
    ...members.map((bead) => `    ${oneLine(bead, 300)}`),
    ...failures.map((line) => terminal.paint('red', `  ${oneLine(line, 300)}`)),
    ...(output === undefined ? [] : [`  Its output: ${output}`]),
  ];
};

const stateText = ({ state, since }: QueueRun, now: number): string => {
  if (state === 'failed') return 'failed';
  if (state === 'passed') return 'passed, and waits to be landed';
  return since === undefined ? 'is under way' : `is under way since ${duration(Math.max(0, now - since))}`;
};
