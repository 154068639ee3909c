import type { Failure } from '../../workflows/domain/failure.ts';
import type { Occasion } from '../../workflows/domain/mail/announcement.ts';
import { type ConvoyReport, reportSummary } from '../../workflows/domain/report/convoyReport.ts';
import { reportMarkdown } from '../../workflows/domain/report/reportMarkdown.ts';
import { markdownText, oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { NotifyPort } from '../../workflows/ports.ts';

/** What a person gets: a line, a page, and the same as data. */
export interface Message {
  readonly event: Occasion;
  readonly convoy: string | undefined;
  readonly summary: string;
  readonly markdown: string;
  /** The so-manieth reminder of what was told before. */
  readonly reminder?: number;
  /** What this message is about now; the report has everything. */
  readonly about: readonly { readonly about: string; readonly failure: Failure }[];
  /** Undefined for what concerns no single convoy, or when the convoy did not answer. */
  readonly report: ConvoyReport | undefined;
}

/** Writes the message. Every text of models and repositories in it is made harmless for markdown and terminals (G9). */
export const writeMessage = (
  { event, convoy, about, reminder }: Parameters<NotifyPort['notify']>[0],
  report: ConvoyReport | undefined,
): Message => {
  const again = reminder === undefined ? '' : `Reminder ${reminder}: `;
  const summary = oneLine(`${again}${summaryOf(event, convoy, about, report)}`, 200);
  const news = about.map(
    ({ about: name, failure }) =>
      `**${markdownText(name)}**: ${markdownText(failure.type)}. ${markdownText(failure.what, 500)}\n\nNext: ${markdownText(failure.next, 500)}`,
  );
  const evidence = about.map(({ failure }) => indented(failure.evidence));
  // A report lists what needs a person with its evidence; news that no report follows brings its own.
  const parts = report === undefined ? news.flatMap((text, at) => [text, evidence[at] ?? '']) : news;
  const page = [markdownText(summary, 300), ...parts, report === undefined ? '' : reportMarkdown(report)];
  return {
    event,
    convoy,
    summary,
    ...(reminder === undefined ? {} : { reminder }),
    about,
    report,
    markdown: `${page.filter((part) => part !== '').join('\n\n')}\n`,
  };
};

const summaryOf = (
  event: Occasion,
  convoy: string | undefined,
  about: Message['about'],
  report: ConvoyReport | undefined,
): string => {
  if (event !== 'needsYou') {
    const end =
      report === undefined
        ? `Convoy ${convoy ?? ''} has ${event === 'ended' ? 'ended' : 'stopped'}`
        : reportSummary(report);
    return event === 'drained' ? `${end}; its time is over and its beads are parked` : end;
  }
  const [first, ...others] = about;
  const rest = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return first === undefined
    ? `Convoy ${convoy ?? ''} needs you`
    : `${first.about} needs you: ${first.failure.what}${rest}`;
};

const indented = (text: string): string =>
  text === ''
    ? ''
    : plainLines(text)
        .trimEnd()
        .split('\n')
        .slice(0, 12)
        .map((line) => `    ${line}`)
        .join('\n');
