import { markdownText } from '../text.ts';
import type { FleetHostStatus, FleetStatus } from './status.ts';
import { troubleTexts } from './troubleText.ts';

/** The fleet as a table, for the Web UI. */
export const fleetMarkdown = (status: FleetStatus): string =>
  [
    '| host | resident | calls | told to hold | why |',
    '|---|---|---|---|---|',
    ...status.hosts.map((host) => row(status, host)),
    '',
    ...status.hosts
      .flatMap((host) => troubleTexts(host, (at) => `at ${new Date(at).toISOString()}`))
      .map((line) => `- ${markdownText(line, 500)}`),
    ...status.demand.map(
      ({ model, ready, running, coming }) =>
        `- ${markdownText(model, 60)}: ${running} running, ${ready} waiting, ${coming} to come`,
    ),
  ].join('\n');

const row = ({ plan }: FleetStatus, { report, lost, told }: FleetHostStatus): string => {
  const why = plan?.hosts.find(({ host }) => host === report.host)?.reason ?? '';
  const cells = [
    report.host,
    stateOf(report, lost),
    String(report.running.length),
    told === undefined ? 'its own rule' : told.join(', ') || 'nothing',
    why,
  ];
  return `| ${cells.map((cell) => markdownText(cell, 200)).join(' | ')} |`;
};

/** What a host does, in a word or two. */
export const stateOf = ({ away, swap, open }: FleetHostStatus['report'], lost: boolean): string => {
  if (lost) return 'nobody holds its lease';
  if (away !== undefined) return away === 'quiet' ? 'quiet hours' : 'its process has stopped';
  if (swap !== undefined) return `${swap.phase} → ${swap.to.join(', ') || 'nothing'}`;
  return open.join(', ') || 'nothing';
};
