import type { QueueLine, RefineryStatus } from '../../workflows/domain/report/report.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { duration, short } from './amounts.ts';
import { localTime } from './localTime.ts';
import type { Terminal } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

/** A merge queue branch by branch: why each has not landed yet, and when it should. */
export const queuePage = (status: RefineryStatus, terminal: Terminal, now: number): readonly string[] => {
  const { rig, target, queue, stopped } = status;
  const many = queue.length === 0 ? 'nothing waits' : `${queue.length} in the queue`;
  return [
    terminal.paint('bold', `${rig} ${oneLine(target)}`) + `: ${many}`,
    ...(stopped === undefined ? [] : troubleLines(stopped, terminal, '  ')),
    ...closedLines(status),
    ...queue.flatMap((line) => branchLines(line, terminal, now)),
    ...(queue.length === 0 ? [] : [terminal.paint('dim', ruleOf(status))]),
  ];
};

/** What a person closed it for, and how to open it; what nobody has tested, and so closes it. */
export const closedLines = ({ below, untested, rig, target }: RefineryStatus): readonly string[] => [
  ...(untested === undefined ? [] : [untestedLine(untested)]),
  ...(below === undefined
    ? []
    : [
        `  closed for priorities below ${below.least}: ${oneLine(below.reason, 200)}; open it with: gt refinery resume ${rig} ${oneLine(target)}`,
      ]),
];

/** What landed without a test. */
export const untestedLine = ({ commit, bead, by, reason }: NonNullable<RefineryStatus['untested']>): string =>
  `  closed until the target passes: ${oneLine(bead, 300)} landed as ${short(commit)} without a test (${oneLine(by)}: ${oneLine(reason, 200)})`;

/** A branch of the queue in a line. */
export const branchLine = ({ state, bead, attempt, priority, hotfix, direct }: QueueLine): string =>
  [
    `${state} ${oneLine(bead, 300)}${isOwnBranch(bead) || direct !== undefined ? '' : ` (attempt ${attempt})`}`,
    ...(direct === undefined ? [] : [`landed directly by ${oneLine(direct.by)}`]),
    ...(hotfix === true ? ['hotfix'] : []),
    ...(priority === undefined || priority === 0 ? [] : [`priority ${priority}`]),
  ].join(', ');

/** Branches of people are tried once, whenever they say so. */
const isOwnBranch = (bead: string): boolean => bead.startsWith('submission/');

const branchLines = (line: QueueLine, terminal: Terminal, now: number): readonly string[] => {
  const { why, since, testedSince, landsAt } = line;
  if (why === undefined) return [`  ${branchLine(line)}`];
  const ago = (at: number): string => duration(Math.max(0, now - at));
  const tested = testedSince === undefined ? '' : `, since ${ago(testedSince)}`;
  const times = [
    ...(since === undefined ? [] : [`here since ${ago(since)}`]),
    landsAt === undefined ? 'when it lands is not known yet' : landsText(landsAt, terminal, now),
  ];
  return [`  ${branchLine(line)}`, `    ${oneLine(why, 600)}${tested}`, `    ${times.join('; ')}`];
};

const landsText = (at: number, terminal: Terminal, now: number): string =>
  at - now < 1_000
    ? 'should land any moment'
    : `should land in about ${duration(at - now)} (${localTime(at, terminal, now)})`;

const ruleOf = ({ usualRunMs, slots, counts }: RefineryStatus): string => {
  if (counts === undefined)
    return '  Why they wait is not known: an older version of the town runs this queue.';
  if (usualRunMs === undefined) return '  When they land is guessed once the first test has ended.';
  return `  Guessed from the tests that each still needs if nothing more fails: ${duration(usualRunMs)} each, ${slots ?? 1} at once.`;
};
