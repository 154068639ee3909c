import { oneLine, plain } from '../../workflows/domain/text.ts';
import type { Capture } from '../captureBead.ts';
import { counted } from './amounts.ts';
import { beadPage } from './beadPage.ts';
import { workLines } from './diffPage.ts';
import type { Terminal } from './terminal.ts';
import { transcriptLines } from './transcript.ts';

/** `gt capture`: the bead, the end of its conversation, its worktree. */
export const capturePage = (
  capture: Capture,
  texts: ReadonlyMap<string, string>,
  terminal: Terminal,
): readonly string[] => [
  ...(capture.status === undefined
    ? [`Bead ${capture.bead} (task): nothing runs that could tell more than its files.`]
    : beadPage(capture.status, terminal)),
  '',
  ...conversationLines(capture, texts, terminal),
  '',
  ...treeLines(capture, terminal),
];

const conversationLines = (
  { bead, calls }: Capture,
  texts: ReadonlyMap<string, string>,
  terminal: Terminal,
): readonly string[] => {
  const title = `Conversation: ${counted(calls.length, 'call')} of a model`;
  if (calls.length === 0) return [terminal.paint('bold', `${title}, so far`)];
  const earlier = calls.length > 1 ? [`The earlier ones: gt bead log ${bead} --full`] : [];
  return [
    terminal.paint('bold', `${title}; the last:`),
    ...transcriptLines(calls.slice(-1), texts, terminal),
    ...earlier,
  ];
};

const treeLines = (capture: Capture, terminal: Terminal): readonly string[] => {
  const { work, files, commits } = capture;
  if (work === undefined) return [terminal.paint('bold', 'Worktree: none, and no change in git.')];
  return [
    terminal.paint('bold', `Worktree: ${work.worktree ?? 'put away'}`),
    ...workLines(work, files, terminal),
    ...commits.map((commit) => `  commit ${oneLine(commit)}`),
    ...(capture.uncommitted.length === 0
      ? []
      : [
          `Not committed: ${counted(capture.uncommitted.length, 'file')}`,
          ...capture.uncommitted.slice(0, mostFiles).map((line) => `  ${plain(line)}`),
        ]),
    `The change itself: gt bead diff ${capture.bead}`,
  ];
};

const mostFiles = 40;
