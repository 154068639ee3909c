import { createHash } from 'node:crypto';
import { parseBeadKey, trailer } from '../../workflows/domain/naming.ts';
import type { Submission } from '../../workflows/domain/queue/submission.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { writeCommit } from '../git/commit.ts';
import type { Bench } from './bench.ts';

/** Names a group by all that goes into it, so that composing it again gives the same commits (G5). */
export const groupIdOf = (base: string, parts: readonly string[], gateHash: string): string =>
  createHash('sha256')
    .update(JSON.stringify(['squash-2', base, parts, gateHash]))
    .digest('hex')
    .slice(0, 40);

/** What the commit of one bead's change says: the trailers are the record (G1). */
export const beadMessage = (bead: Submission, gateHash: string): string => {
  const ref = parseBeadKey(bead.bead);
  return textOf([
    oneLine(bead.title, 100) || bead.bead,
    '',
    `${trailer.bead}: ${oneLine(bead.bead, 500)}`,
    ...(ref === undefined || bead.keepsHistory === true
      ? []
      : [`${trailer.epic}: ${ref.epic}`, `${trailer.convoy}: ${ref.convoy}`]),
    `${trailer.task}: ${oneLine(bead.taskRef, 500)}`,
    `${trailer.head}: ${bead.head}`,
    ...(bead.keepsHistory === true
      ? []
      : [
          `${trailer.polecat}: ${oneLine(bead.polecat) || 'unknown'}`,
          `${trailer.model}: ${oneLine(bead.model) || 'unknown'}`,
        ]),
    `${trailer.gates}: ${oneLine(gateHash, 500)}`,
  ]);
};

/** One bead's change as one commit on top of the chain. Its diff may be empty. */
export const commitBead = async (
  bench: Bench,
  bead: Submission,
  on: { readonly tree: string; readonly parent: string; readonly date: number; readonly gateHash: string },
): Promise<string> => {
  const parents = [on.parent, ...(mergedBy(bead) ?? [])];
  const commit = { tree: on.tree, parents, message: beadMessage(bead, on.gateHash), seconds: on.date };
  return writeCommit(bench.repo, commit, bench.signal);
};

/** A person's commits keep their authors, and their branch counts as merged afterwards. */
export const mergedBy = ({ keepsHistory, head }: Submission): readonly [string] | undefined =>
  keepsHistory === true ? [head] : undefined;

/** The first-parent commit of a group: what the target sees of it. */
export const commitGroup = async (
  bench: Bench,
  group: {
    readonly id: string;
    readonly tree: string;
    readonly base: string;
    readonly chain: string;
    readonly date: number;
    readonly gateHash: string;
    readonly subject: string;
    readonly lines: readonly string[];
  },
): Promise<string> => {
  const message = textOf([
    oneLine(group.subject, 100),
    '',
    ...(group.lines.length === 0 ? [] : [...group.lines.map((line) => `- ${oneLine(line, 150)}`), '']),
    `${trailer.group}: ${group.id}`,
    `${trailer.gates}: ${oneLine(group.gateHash, 500)}`,
  ]);
  const { tree, base, chain, date } = group;
  return writeCommit(bench.repo, { tree, parents: [base, chain], message, seconds: date }, bench.signal);
};

const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
