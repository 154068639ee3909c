import { markdownText } from '../text.ts';
import type { RememberedSwap } from './orders.ts';
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
    ...status.swaps.slice(-lastSwaps).toReversed().map(swapText),
  ].join('\n');

/** Swaps that are shown. */
const lastSwaps = 5;

const swapText = ({ host, at, from, to, failed, why }: RememberedSwap): string => {
  const what = `${host}: ${namesOf(from)} → ${namesOf(to)}${failed ? ', which failed' : ''}`;
  return `- ${markdownText(`${new Date(at).toISOString()} ${what}${why === undefined ? '' : `: ${why}`}`, 500)}`;
};

const namesOf = (models: readonly string[]): string => models.join(', ') || 'nothing';

const row = ({ plan }: FleetStatus, host: FleetHostStatus): string => {
  const { report, told, order } = host;
  const latest = plan?.hosts.find((one) => one.host === report.host)?.reason ?? '';
  const cells = [
    report.host,
    stateOf(host),
    String(report.running.length),
    told === undefined ? 'its own rule' : namesOf(told),
    ...(order === undefined ? [latest] : [`${order.reason} (${new Date(order.at).toISOString()})`]),
  ];
  return `| ${cells.map((cell) => markdownText(cell, 200)).join(' | ')} |`;
};

/** What a host does, in a word or two. */
export const stateOf = ({ report, lost, steering }: FleetHostStatus): string => {
  const { away, swap, open, kept = [] } = report;
  if (lost) return 'nobody holds its lease';
  if (away !== undefined) return away === 'quiet' ? 'quiet hours' : 'its process has stopped';
  if (swap !== undefined) return `${swap.phase} → ${namesOf(swap.to)}`;
  if (open.length > 0) return namesOf(open);
  // Without calls it is in memory all the same.
  return `${namesOf(kept)}${steering.drained ? ' (drained)' : kept.length > 0 ? ' (no calls)' : ''}`;
};
