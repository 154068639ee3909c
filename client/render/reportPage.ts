import { defaultCurrency, unitsText } from '../../workflows/domain/budget/money.ts';
import { type ConvoyReport, reportSummary } from '../../workflows/domain/report/convoyReport.ts';
import { moneySpentText, tokensText } from '../../workflows/domain/report/reportCosts.ts';
import { whenText } from '../../workflows/domain/report/reportMarkdown.ts';
import type { Need } from '../../workflows/domain/report/reportNeeds.ts';
import { oneLine, plain, plainLines } from '../../workflows/domain/text.ts';
import { amount, duration, short } from './amounts.ts';
import { stateStyle } from './states.ts';
import { type Column, table } from './table.ts';
import { type Terminal, wrap } from './terminal.ts';

/** Lines of evidence of one need; `gt bead show` has the rest. */
const mostEvidence = 12;

/** The morning report on a terminal: what needs a person first, then what landed, what did not, and what it cost. */
export const reportPage = (report: ConvoyReport, terminal: Terminal): readonly string[] => [
  terminal.paint('bold', `Convoy ${report.convoy}: ${oneLine(report.title)}`),
  ...wrap(reportSummary(report), terminal.width),
  ...wrap(whenText(report), terminal.width),
  ...section(
    'Needs you',
    report.needs.flatMap((need) => needLines(need, terminal)),
    terminal,
  ),
  ...section('Landed', landedLines(report, terminal), terminal),
  ...section('Not landed', restLines(report, terminal), terminal),
  ...section('Cost (tokens and time of calls, by role and model)', costLines(report, terminal), terminal),
  ...section('Forecast and actual', forecastLines(report, terminal), terminal),
];

const indent = 2;

const section = (title: string, lines: readonly string[], terminal: Terminal): readonly string[] =>
  lines.length === 0
    ? []
    : ['', terminal.paint('bold', `${title}:`), ...lines.map((line) => ' '.repeat(indent) + line)];

const needLines = ({ about, type, what, evidence, next }: Need, terminal: Terminal): readonly string[] => [
  about.map((one) => oneLine(one)).join(', '),
  ...fitting(`  ${type}: ${plain(what)}`, terminal).map((line) => terminal.paint('red', line)),
  ...(evidence === '' ? [] : plainLines(evidence).trimEnd().split('\n').slice(0, mostEvidence))
    .flatMap((line) => fitting(`    ${line}`, terminal))
    .map((line) => terminal.paint('dim', line)),
  ...fitting(`  Next: ${plain(next)}`, terminal),
];

const fitting = (line: string, { width }: Terminal): readonly string[] => wrap(line, width - indent);

const right = (title: string): Column => ({ title, align: 'right' });

const landedLines = ({ landed }: ConvoyReport, terminal: Terminal): readonly string[] =>
  rows(
    [
      { title: 'bead' },
      { title: 'commit' },
      { title: 'model' },
      right('turns'),
      right('tokens'),
      right('time'),
      { title: 'title', gives: true },
    ],
    landed.map((bead) => [
      bead.key,
      bead.commit === undefined ? 'no change' : short(bead.commit),
      bead.model,
      String(bead.turns),
      amount(bead.tokens),
      duration(bead.ms),
      oneLine(bead.title),
    ]),
    terminal,
  );

const restLines = ({ notLanded }: ConvoyReport, terminal: Terminal): readonly string[] => {
  const [head, ...lines] = rows(
    [{ title: 'bead' }, { title: 'state' }, { title: 'why, or title', gives: true }],
    notLanded.map(({ key, state, title, failure }) => [key, state, oneLine(failure?.what ?? title)]),
    terminal,
  );
  if (head === undefined) return [];
  return [head, ...lines.map((line, at) => terminal.paint(stateStyle(notLanded[at]?.state), line))];
};

const costLines = (report: ConvoyReport, terminal: Terminal): readonly string[] => {
  const { costs, tokens } = report;
  const money = moneySpentText(report);
  const paid = costs.some((line) => line.money !== undefined);
  if (costs.length === 0 && tokens.earlier === 0) return [];
  const lines = rows(
    [
      { title: 'role' },
      { title: 'model' },
      right('calls'),
      right('no reply'),
      right('prompt'),
      right('reply'),
      right('time'),
      ...(paid ? [right(report.currency ?? defaultCurrency)] : []),
    ],
    costs.map((line) => [
      line.role,
      oneLine(line.model, 40),
      String(line.calls),
      String(line.failed),
      amount(line.promptTokens) + (line.estimated ? '~' : ''),
      amount(line.completionTokens),
      duration(line.ms),
      ...(paid ? [line.money === undefined ? '' : unitsText(line.money)] : []),
    ]),
    terminal,
  );
  const partly = costs.some(({ estimated }) => estimated) ? ' (~: partly estimated)' : '';
  return [
    ...lines,
    ...fitting(`${tokensText(tokens)}${partly}`, terminal),
    ...(money === undefined ? [] : fitting(money, terminal)),
  ];
};

const forecastLines = ({ forecast, actual }: ConvoyReport, terminal: Terminal): readonly string[] =>
  forecast === undefined
    ? []
    : [
        ...rows(
          [{ title: '' }, right('forecast'), right('actual')],
          [
            ['turns', String(forecast.turns), String(actual.turns)],
            ['tokens', amount(forecast.tokens), amount(actual.tokens)],
            ['time', `at least ${duration(forecast.ms)}`, duration(actual.ms)],
          ],
          terminal,
        ),
        `from the medians of ${forecast.from} beads of this town`,
      ];

const rows = (
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  { width, paint }: Terminal,
): readonly string[] => {
  if (cells.length === 0) return [];
  const [head = '', ...lines] = table(columns, cells, width - indent);
  return [paint('dim', head), ...lines];
};
