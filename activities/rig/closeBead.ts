import { gitRef } from '../../workflows/domain/naming.ts';
import type { CloseBead } from '../../workflows/ports.ts';
import { moveRefs, readRefs } from '../git/refs.ts';
import { removeWorktree } from '../git/worktree.ts';
import type { Rig } from './index.ts';

/** Removes worktree, branch and the record of the base. With `keep`, work that is on the branch stays as a ref for people. */
export const closeBead = async ({ home, repo, signal }: Rig, request: CloseBead): Promise<void> => {
  const { bead, keep } = request;
  const branch = gitRef.bead(bead);
  const base = gitRef.base(bead);
  await removeWorktree(repo, home.worktree(request.rig, bead));
  const refs = await readRefs(repo, [branch, base], signal);
  const head = refs.get(branch);
  const hasWork = head !== undefined && head !== refs.get(base);
  await moveRefs(
    repo,
    [
      ...(keep && hasWork ? [{ ref: gitRef.kept(bead, `closed-${head.slice(0, 12)}`), to: head }] : []),
      ...(head === undefined ? [] : [{ ref: branch, to: undefined, was: head }]),
      ...(refs.has(base) ? [{ ref: base, to: undefined }] : []),
    ],
    signal,
  );
};
