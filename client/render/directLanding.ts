import { join } from 'node:path';
import { blobPath, isBlobRef } from '../../workflows/domain/blobRef.ts';
import {
  type DirectCheck,
  type DirectStatus,
  directName,
  directSteps,
} from '../../workflows/domain/queue/direct.ts';
import type { RefineryStatus } from '../../workflows/domain/report/report.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { counted, short } from './amounts.ts';
import { untestedLine } from './refineryQueue.ts';
import type { Terminal } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

/** What became of a direct landing; of one that was only looked at every check, and what would be done. */
export const directLines = (
  status: DirectStatus,
  queue: RefineryStatus | undefined,
  home: string,
  terminal: Terminal,
): readonly string[] => {
  const { of, rig, target, failure, evidenceRef } = status;
  const onto = target === undefined ? '' : ` for ${oneLine(target)}`;
  const output = evidenceRef === undefined ? [] : [`  Its output: ${blobFile(home, evidenceRef)}`];
  return [
    `${rig === undefined ? '' : `${rig} `}${directName(of)}${onto}: ${words(status, terminal)}`,
    ...(status.state === 'looked' ? lookLines(status, queue) : []),
    ...(failure === undefined ? [] : [...troubleLines(failure, terminal, '  '), ...output]),
    ...(status.state === 'landed' && status.untested !== undefined && status.commit !== undefined
      ? [`  Without a test. Nothing else lands until the new tip has passed: gt refinery status`]
      : []),
  ];
};

const words = ({ state, commit, target }: DirectStatus, terminal: Terminal): string => {
  switch (state) {
    case 'checking':
      return 'being looked at';
    case 'looked':
      return 'nothing was done';
    case 'refused':
      return terminal.paint('red', 'refused');
    case 'queued':
      return 'in the refinery (merge queue); gt refinery queue';
    case 'landed':
      return terminal.paint(
        'green',
        commit === undefined
          ? `${oneLine(target ?? '')} has it all`
          : `landed as ${short(commit)} on ${oneLine(target ?? '')}`,
      );
    case 'sentBack':
      return terminal.paint('red', 'sent back');
    case 'withdrawn':
      return 'withdrawn';
    case 'failed':
      return terminal.paint('red', 'cannot be landed');
  }
};

const marks: Readonly<Record<DirectCheck['outcome'], string>> = {
  ok: 'ok     ',
  refused: 'NO     ',
  forced: 'skipped',
};

const lookLines = (status: DirectStatus, queue: RefineryStatus | undefined): readonly string[] => [
  ...(status.head === undefined
    ? []
    : [
        `  ${counted(status.commits, 'commit')}, head ${short(status.head)}: ${oneLine(status.title ?? '', 100)}`,
      ]),
  ...status.checks.map(({ name, outcome, says }) => `  ${marks[outcome]} ${name}: ${says}`),
  ...(queue === undefined ? [] : heldLines(queue)),
  ...(status.failure === undefined
    ? ['  What would be done:', ...directSteps(status, status).map((line) => `    ${line}`)]
    : ['  Nothing would be done:']),
];

/** What of the queue holds up even an emergency. */
export const heldLines = (queue: RefineryStatus): readonly string[] => {
  const { stopped, untested } = queue;
  const red = stopped?.type === 'BaseRed';
  return [
    ...(stopped === undefined
      ? []
      : [
          `  queue: ${oneLine(stopped.what, 400)} ${red ? 'It lands if the target is green with it.' : 'It waits until that is over.'}`,
        ]),
    ...(untested === undefined ? [] : [untestedLine(untested)]),
  ];
};

const blobFile = (home: string, ref: string): string =>
  isBlobRef(ref) ? join(home, 'blobs', blobPath(ref)) : oneLine(ref);
