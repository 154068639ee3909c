import { duration } from '../../workflows/domain/amounts.ts';
import { totalTokens } from '../../workflows/domain/host/model.ts';
import { markdownText, plainLines } from '../../workflows/domain/text.ts';
import type { TranscriptCall } from '../transcript.ts';
import type { BeadExport, ExportedCall, ExportedGates, ExportedStep } from './beadExport.ts';
import { timeOf } from './beadExport.ts';

/** The conversation as a page. Whatever a model or a repository wrote stands in fences or is escaped: nothing of it is live (G9). */
export const exportMarkdown = ({ bead, steps }: BeadExport): string => {
  const turns = [...Map.groupBy(steps, ({ turn }) => turn)];
  return [
    `# Bead ${markdownText(bead, 200)}`,
    ...(steps.length === 0 ? ['No model call is recorded.'] : [totals(steps)]),
    ...turns.flatMap(([turn, all]) => [
      `## Turn ${turn}`,
      ...all.flatMap((step) => (step.kind === 'call' ? callPart(step) : gatesPart(step))),
    ]),
    '',
  ].join('\n\n');
};

const totals = (steps: readonly ExportedStep[]): string => {
  const calls = steps.filter((step) => step.kind === 'call');
  const rows = [...Map.groupBy(calls, nameOf)].map(
    ([name, all]) =>
      `| ${name} | ${all.length} | ${sum(all, ({ usage }) => (usage === undefined ? 0 : totalTokens(usage)))} | ${duration(sum(all, ({ ms = 0 }) => ms))} |`,
  );
  return ['| model | calls | tokens | time |', '|---|---|---|---|', ...rows].join('\n');
};

const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((total, one) => total + of(one), 0);

const nameOf = ({ model, host }: TranscriptCall): string =>
  markdownText(host === undefined ? model : `${model} on ${host}`);

const callPart = (call: ExportedCall): readonly string[] => {
  const { prompt, reply, usage, ms, attempt = 1, at } = call;
  const facts = [
    ...(call.role === undefined ? [] : [markdownText(call.role)]),
    nameOf(call),
    new Date(timeOf(at)).toISOString(),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(usage === undefined
      ? []
      : [`${usage.promptTokens} + ${usage.completionTokens} tokens${usage.estimated ? ' (estimated)' : ''}`]),
    ...(ms === undefined ? [] : [duration(ms)]),
    markdownText(outcomeOf(call), 300),
  ];
  return [
    `### Call: ${facts.join(', ')}`,
    ...(prompt === undefined
      ? ['The prompt is not in the home any more.']
      : prompt.flatMap(({ role, content }) => [`**${markdownText(role)}**`, fenced(content)])),
    ...(reply === undefined ? ['There is no reply.'] : ['**reply**', fenced(reply)]),
  ];
};

const outcomeOf = ({ outcome, finish, cancelled, failure }: TranscriptCall): string => {
  const why = typeof failure === 'object' ? `${failure.type}: ${failure.what}` : failure;
  return cancelled
    ? 'cancelled'
    : [outcome ?? finish ?? '', why ?? ''].filter((part) => part !== '').join(': ');
};

const gatesPart = ({ verdict, head, ms, gates, failures, diff }: ExportedGates): readonly string[] => [
  ...(diff === undefined || diff === '' ? [] : ['### Change', fenced(diff, 'diff')]),
  `### Gates: ${markdownText(verdict)}, ${duration(ms)}, commit ${markdownText(head.slice(0, 10))}`,
  ...(gates.length === 0
    ? []
    : [
        gates
          .map(
            ({ gate, passed, ms: took }) =>
              `- ${markdownText(gate)}: ${passed ? 'passed' : 'red'}, ${duration(took)}`,
          )
          .join('\n'),
      ]),
  ...failures.flatMap(({ gate, summary, log }) => [
    `**${markdownText(gate)}** ${markdownText(summary, 500)}`,
    ...(log === undefined ? [] : [fenced(log)]),
  ]),
];

/** A block that nothing in the text can close, without what could drive a terminal or reorder the page. */
const fenced = (text: string, info = ''): string => {
  const clean = plainLines(text).replace(/\n+$/, '');
  const runs = clean.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}${info}\n${clean}\n${fence}`;
};
