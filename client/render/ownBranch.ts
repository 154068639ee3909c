import type { OwnBranchStatus } from '../../workflows/domain/queue/ownBranch.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { counted, short } from './amounts.ts';
import type { Terminal } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

/** A submitted branch, and what its person has to know now. */
export const ownBranchLines = (status: OwnBranchStatus, terminal: Terminal): readonly string[] => [
  ownBranchLine(status, terminal),
  ...(status.failure === undefined ? [] : troubleLines(status.failure, terminal, '  ')),
  ...(status.state === 'queued'
    ? [
        `  ${counted(status.commits, 'commit')}; wait for the verdict: gt submit ${oneLine(status.branch)} --wait`,
      ]
    : []),
];

/** The same in a line. */
export const ownBranchLine = (status: OwnBranchStatus, terminal: Terminal): string => {
  const { rig, branch, state, target, upstream } = status;
  const where = target === undefined ? '' : ` for ${oneLine(upstream ?? target)}`;
  const word = words(status);
  const style = { landed: 'green', sentBack: 'red', failed: 'red' }[state as string] as
    | 'green'
    | 'red'
    | undefined;
  return `${rig} ${oneLine(branch)}${where}: ${style === undefined ? word : terminal.paint(style, word)}`;
};

const words = ({ state, commit, commits, target, upstream }: OwnBranchStatus): string => {
  switch (state) {
    case 'opening':
      return 'being read';
    case 'queued':
      return 'in the refinery (merge queue)';
    case 'landed':
      if (commit === undefined || commits === 0) return `${oneLine(upstream ?? target ?? '')} has it all`;
      return `landed as ${short(commit)} on ${oneLine(target ?? '')}`;
    case 'sentBack':
      return 'sent back';
    case 'withdrawn':
      return 'withdrawn';
    case 'failed':
      return 'cannot be submitted';
  }
};
