/** The morning report as Markdown, for mail and chat. Nothing that models or repositories wrote is live in it (G9). */
import { amount, duration, short } from '../amounts.ts';
import { moneyText } from '../budget/money.ts';
import { dayAndClock } from '../clock.ts';
import { markdownText, plainLines } from '../text.ts';
import { totalsText } from './board.ts';
import type { ConvoyReport } from './convoyReport.ts';
import { moneySpentText, tokensText } from './reportCosts.ts';
import type { Need, ReportedBead } from './reportNeeds.ts';

/** Lines of evidence of one need; `gt report` and `gt bead show` have the rest. */
const mostEvidence = 12;

export const reportMarkdown = (report: ConvoyReport): string =>
  [
    `# Convoy ${report.convoy}: ${markdownText(report.title)}`,
    `**${report.state}**: ${totalsText(report.totals)}`,
    whenText(report),
    ...section(`Needs you (${report.needs.length})`, report.needs.map(needText)),
    ...section(`Landed (${report.landed.length})`, [landedTable(report.landed)], report.landed.length),
    ...section(
      `Not landed (${report.notLanded.length})`,
      [restTable(report.notLanded)],
      report.notLanded.length,
    ),
    ...section('Cost', [costTable(report)], report.costs.length),
    ...section('Forecast and actual', [forecastTable(report)], report.forecast === undefined ? 0 : 1),
  ].join('\n\n');

/** From when to when, in the town's time zone. */
export const whenText = ({ startedAt, endedAt, ms, timeZone, until }: ConvoyReport): string =>
  [
    `From ${dayAndClock(startedAt, timeZone)}`,
    endedAt === undefined ? ', still open' : ` to ${dayAndClock(endedAt, timeZone)}`,
    ` (${duration(ms)}; ${timeZone})`,
    until === undefined ? '' : `, to run until ${dayAndClock(until.ms, timeZone)}`,
  ].join('');

const section = (title: string, parts: readonly string[], count = parts.length): readonly string[] =>
  count === 0 ? [] : [`## ${title}`, ...parts];

const needText = ({ about, type, what, evidence, next }: Need): string => {
  const [first, ...others] = plainLines(evidence).trimEnd().split('\n').slice(0, mostEvidence);
  // Indented code: no fence that the evidence could close.
  const lines = first === undefined || evidence === '' ? [] : [first, ...others].map((line) => `    ${line}`);
  return [
    `**${markdownText(about.join(', '), 300)}**: ${markdownText(type)}. ${markdownText(what, 500)}`,
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
    `Next: ${markdownText(next, 500)}`,
  ].join('\n\n');
};

const landedTable = (beads: readonly ReportedBead[]): string =>
  table(
    ['bead', 'commit', 'on', 'title', 'by', 'turns', 'tokens', 'time'],
    beads.map((bead) => [
      bead.key,
      bead.commit === undefined ? 'nothing to change' : short(bead.commit),
      `${bead.rig} ${bead.target}`,
      bead.title,
      [bead.polecat, bead.model].filter((part) => part !== '').join(', '),
      String(bead.turns),
      amount(bead.tokens),
      duration(bead.ms),
    ]),
  );

const restTable = (beads: readonly ReportedBead[]): string =>
  table(
    ['bead', 'state', 'title', 'why'],
    beads.map(({ key, state, title, failure }) => [key, state, title, failure?.what ?? '']),
  );

const costTable = (report: ConvoyReport): string => {
  const { costs, tokens } = report;
  const paid = costs.some(({ money }) => money !== undefined);
  return [
    table(
      [
        ...['role', 'model', 'calls', 'without reply', 'prompt tokens', 'reply tokens', 'time of calls'],
        ...(paid ? ['money'] : []),
      ],
      costs.map((line) => [
        line.role,
        line.model,
        String(line.calls),
        String(line.failed),
        amount(line.promptTokens) + (line.estimated ? ' (estimated)' : ''),
        amount(line.completionTokens),
        duration(line.ms),
        ...(paid ? [line.money === undefined ? '' : moneyText(line.money, report.currency)] : []),
      ]),
    ),
    tokensText(tokens),
    ...[moneySpentText(report)].filter((text) => text !== undefined),
  ].join('\n\n');
};

const forecastTable = ({ forecast, actual }: ConvoyReport): string =>
  forecast === undefined
    ? ''
    : table(
        ['', `forecast, from ${forecast.from} beads`, 'actual'],
        [
          ['turns', String(forecast.turns), String(actual.turns)],
          ['tokens', amount(forecast.tokens), amount(actual.tokens)],
          ['time', `at least ${duration(forecast.ms)}`, duration(actual.ms)],
        ],
      );

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(head),
    row(head.map(() => '---')),
    ...rows.map((cells) => row(cells.map((cell) => markdownText(cell, 160)))),
  ].join('\n');
};
