import { shortcutIn } from '../../workflows/domain/guard/shortcut.ts';
import { changesTests, isTestFile } from '../../workflows/domain/guard/testFiles.ts';
import { gitRef } from '../../workflows/domain/naming.ts';
import type { ApplyReply } from '../../workflows/ports.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { Edit } from './protocol/edit.ts';
import { viewCommit } from './tree.ts';

/** What keeps a reply from making the checks green without doing the task (G3). */
export interface Guard {
  /** Why the change of a file is refused; `before` is undefined for a new file, `after` for one that goes away. */
  readonly refuses: (
    path: string,
    before: string | undefined,
    after: string | undefined,
  ) => string | undefined;
  /** Whether the bead's base had the file. */
  readonly wasThere: (path: string) => boolean;
}

/** Tests are protected as the base has them: those that the bead itself has written are its own to change. */
export const guardOf = async (
  edits: readonly Edit[],
  repo: string,
  { spec, base, bead }: ApplyReply,
  blobs: Blobs,
): Promise<Guard> => {
  const paths = edits
    .filter(({ kind, path }) => kind === 'delete' || isTestFile(path))
    .map(({ path }) => path);
  const [view, task] = await Promise.all([
    paths.length === 0 ? undefined : viewCommit(repo, base, gitRef.bead(bead), paths),
    blobs.get(spec.taskRef),
  ]);
  const wasThere = (path: string): boolean => view?.file(path) !== undefined;
  const leave = { files: spec.files, task };
  return {
    wasThere,
    refuses: (path, before, after) => {
      if (spec.approvedFiles.includes(path)) return;
      const tests =
        before !== undefined && wasThere(path) ? changesTests(path, before, after, leave) : undefined;
      return tests ?? shortcutIn(path, before, after, task);
    },
  };
};
