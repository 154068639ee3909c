/** A merge queue as markdown, for its current details in Temporal's Web UI. Nothing of it grows with the queue beyond a page. */
import { counted, duration, short } from '../amounts.ts';
import { markdownText } from '../text.ts';
import { failureMarkdown, markdownTable, mostRows, page } from './markdown.ts';
import type { QueueLine, QueueRun, RefineryStatus } from './report.ts';

/** Of the tests alone: whatever the slots, they are no list to read. */
const mostRuns = 16;

export const refineryMarkdown = (status: RefineryStatus): string => {
  const { queue, tip, target, below, upstream, stopped, untested } = status;
  const { queued = queue.length } = status;
  const running = (status.runs ?? []).filter(({ state }) => state === 'running');
  return page([
    `Lands on ${markdownText(target)}${tip === undefined ? '' : ` (${markdownText(short(tip))})`}: ${status.landed} landed, ${status.sentBack} sent back, ${queued} queued`,
    countsText(status),
    stopped === undefined ? '' : `Stopped. ${failureMarkdown(stopped)}`,
    untested === undefined
      ? ''
      : `Closed until ${markdownText(target)} passes: ${markdownText(untested.bead, 300)} landed as ${markdownText(short(untested.commit))} without a test (${markdownText(untested.by)}: ${markdownText(untested.reason, 300)})`,
    below === undefined
      ? ''
      : `Closed for priorities below ${below.least}: ${markdownText(below.reason, 300)}`,
    upstream?.behind === undefined
      ? ''
      : `${markdownText(upstream.behind.what, 300)} By hand: ${markdownText(upstream.behind.next, 300)}`,
    markdownTable(
      ['run', 'for', 'branches', 'since'],
      running
        .slice(0, mostRuns)
        .map(({ run, purpose, members, since }) => [
          String(run),
          purpose,
          membersText(members),
          clock(since),
        ]),
    ),
    queueTable(queue, queued),
  ]);
};

const countsText = ({ counts, usualRunMs }: RefineryStatus): string => {
  if (counts === undefined || counts.tests + counts.wasted === 0) return '';
  const { tests, wasted, landings, branches, testsPerLanded, meanWaitMs } = counts;
  return [
    `${counted(tests, 'test')} and ${wasted} cancelled, ${branches} landed in ${counted(landings, 'landing')}`,
    ...(testsPerLanded === undefined || meanWaitMs === undefined
      ? []
      : [`${testsPerLanded.toFixed(2)} tests and a wait of ${duration(meanWaitMs)} for each`]),
    ...(usualRunMs === undefined ? [] : [`a test takes ${duration(usualRunMs)}`]),
  ].join('; ');
};

/** Queues of before reasons were told have only states. */
const queueTable = (queue: readonly QueueLine[], queued: number): string => {
  const row = ({ bead, attempt, state, ...line }: QueueLine): readonly string[] => [
    ...[bead, String(attempt), rankText(line, state)],
    ...(line.why === undefined ? [] : [line.why, clock(line.since), clock(line.landsAt)]),
  ];
  const isTold = queue.some(({ why }) => why !== undefined);
  const head = ['bead', 'attempt', 'state', ...(isTold ? ['why', 'here since', 'should land'] : [])];
  const shown = queue.slice(0, mostRows).map(row);
  const more = queued - shown.length;
  return page([markdownTable(head, shown, longestWhy), more > 0 ? `… and ${more} more` : '']);
};

/** Of a reason: three names of beads may stand in it. */
const longestWhy = 140;

const rankText = ({ hotfix, priority }: Pick<QueueLine, 'hotfix' | 'priority'>, state: string): string =>
  [
    state,
    ...(hotfix === true ? ['hotfix'] : []),
    ...(priority === undefined || priority === 0 ? [] : [`priority ${priority}`]),
  ].join(', ');

const mostNamed = 3;

const membersText = (members: QueueRun['members']): string => {
  const more = members.length - mostNamed;
  return `${members.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${counted(more, 'other')}` : ''}`;
};

/** The page stands still until something happens, so it has moments and no spans. */
const clock = (at: number | undefined): string =>
  at === undefined || !Number.isFinite(at)
    ? ''
    : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
