import type { Submission } from '../../workflows/domain/queue/submission.ts';
import { readCommit } from '../git/commit.ts';
import { type ImportedCommit, importChain } from '../git/fastImport.ts';
import type { Bench } from './bench.ts';
import { beadMessage, commitBead, mergedBy } from './commits.ts';
import type { Overlay } from './overlay.ts';

/** Where a chain stands. */
export interface Top {
  readonly commit: string;
  readonly tree: string;
  /** Seconds since 1970: the latest of what went in. */
  readonly date: number;
}

/** A group's commits, one a bead, each on the one before. */
export interface BeadChain {
  /** Lays a change over the chain that meets nothing in it. Written with others, at the latest when the top is asked for. */
  readonly lay: (bead: Submission, overlay: Overlay, date: number) => void;
  /** Puts a tree on top that a merge has made. */
  readonly put: (bead: Submission, tree: string, date: number) => Promise<void>;
  readonly top: () => Promise<Top>;
  /** All beads with their commits, in order; complete once the top was asked for. */
  readonly placed: () => readonly { readonly bead: Submission; readonly commit: string }[];
}

export const chainOn = (bench: Bench, base: Top, gateHash: string): BeadChain => {
  let top = base;
  let date = base.date;
  const placed: { bead: Submission; commit: string }[] = [];
  const waiting: { bead: Submission; commit: ImportedCommit }[] = [];

  const write = async (): Promise<void> => {
    const written = waiting.splice(0);
    if (written.length === 0) return;
    const commits = await importChain(
      bench.repo,
      top.commit,
      written.map(({ commit }) => commit),
      bench.signal,
    );
    written.forEach(({ bead }, at) => placed.push({ bead, commit: commits[at] ?? '' }));
    const commit = commits.at(-1) ?? '';
    const tree = (await readCommit(bench.repo, commit, bench.signal))?.tree;
    if (tree === undefined) throw new Error(`fast-import wrote no commit: ${commits.join(' ')}`);
    top = { commit, tree, date };
  };

  return {
    placed: () => placed,
    lay(bead, changes, own) {
      date = Math.max(date, own);
      const message = beadMessage(bead, gateHash);
      waiting.push({ bead, commit: { seconds: date, message, changes, merges: mergedBy(bead)?.[0] } });
    },
    async put(bead, tree, own) {
      await write();
      date = Math.max(date, own);
      const commit = await commitBead(bench, bead, { tree, parent: top.commit, date, gateHash });
      placed.push({ bead, commit });
      top = { commit, tree, date };
    },
    async top() {
      await write();
      return top;
    },
  };
};
