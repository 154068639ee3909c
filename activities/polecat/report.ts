import type { BeadSpec } from '../../workflows/domain/bead/bead.ts';
import { plainLines } from '../../workflows/domain/text.ts';
import type { Fault } from './protocol/edit.ts';
import { closingLine, openingFence } from './protocol/fence.ts';
import { replyLines } from './protocol/lines.ts';

/** Characters of a report: less says nothing, and more fits into nobody's prompt. */
export const reportSize = { least: 200, most: 20_000 } as const;

/** A reply read as a report, or what is wrong with it. */
export type ReadReport =
  | { readonly report: string; readonly fault: undefined }
  | { readonly report: undefined; readonly fault: Fault };

/**
 * Reads the report in a reply: from its first heading on. It is gated by its form alone, heading, sections and size; whether it is
 * true nobody can run. Control characters are taken out, since people and models read it (G9).
 */
export const readReport = (reply: string, { sections = [] }: Pick<BeadSpec, 'sections'>): ReadReport => {
  const { lines: answer, fault } = replyLines(reply);
  if (fault !== undefined) return { report: undefined, fault };
  const lines = unfenced(plainLines(answer.join('\n')).trim()).split('\n');
  const outside = outsideOfFences(lines);
  const start = lines.findIndex((line, at) => outside[at] && /^# \S/.test(line));
  if (start < 0) return malformed('The report has no heading: its first line must be # and a title.');
  const report = `${lines.slice(start).join('\n').trim()}\n`;
  const headings = lines
    .filter((_, at) => outside[at])
    .flatMap((line) => /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]?.toLowerCase() ?? []);
  const missing = sections.filter((name) => !headings.includes(name.trim().toLowerCase()));
  if (missing.length > 0)
    return malformed(`The report lacks ${missing.map((name) => `the section "## ${name}"`).join(' and ')}.`);
  if (report.length < reportSize.least)
    return malformed(`The report has ${report.length} characters; the least is ${reportSize.least}.`);
  if (report.length > reportSize.most)
    return malformed(
      `The report has ${report.length} characters; the most is ${reportSize.most}: shorten it.`,
    );
  return { report, fault: undefined };
};

const malformed = (what: string): ReadReport => ({
  report: undefined,
  fault: { kind: 'malformed', what },
});

/** Whether each line is text: in a block, a line that begins with # is the comment of some language. */
const outsideOfFences = (lines: readonly string[]): readonly boolean[] => {
  const outside = lines.map(() => true);
  for (let at = 0; at < lines.length; at++) {
    const fence = openingFence(lines[at] ?? '');
    if (fence === undefined) continue;
    const end = closingLine(lines, at, fence) ?? lines.length - 1;
    outside.fill(false, at, end + 1);
    at = end;
  }
  return outside;
};

/** Some models wrap their whole answer in one more block. */
const unfenced = (text: string): string => /^(`{3,})(?:markdown|md)?\n([\s\S]*)\n\1$/.exec(text)?.[2] ?? text;
