import { filledLine } from '../../workflows/domain/guard/commandLine.ts';
import { type BeadRef, beadKey, gitRef, trailer } from '../../workflows/domain/naming.ts';
import type { Gate, RigSettings } from '../../workflows/domain/rig.ts';
import { isCheckedOut } from '../../workflows/domain/sparse.ts';
import { commitFacts } from '../git/commitObject.ts';
import { readObject, readObjects } from '../git/objects.ts';
import { moveRefs } from '../git/refs.ts';
import { trailerOf } from '../git/trailers.ts';
import { commitFiles, type FileChange } from '../polecat/commitFiles.ts';
import { pathFault } from '../polecat/safety.ts';
import type { SandboxResult } from '../sandbox/index.ts';
import type { Concealer } from '../secrets/concealer.ts';
import { type ChangedFile, changedFiles, isPlainFile } from './changedFiles.ts';
import { soundChanges, textsIn } from './formatChanges.ts';
import { type GateTree, restoreTree } from './tree.ts';

/** A bead's work in its prepared worktree, between set-up and gates. */
export interface BeadTree {
  readonly rig: RigSettings;
  readonly bead: BeadRef;
  readonly tree: GateTree;
  readonly base: string;
  readonly head: string;
  readonly concealer: Concealer;
  /** Runs a shell line of the rig in the sandbox. */
  readonly run: (step: Gate) => Promise<SandboxResult>;
}

export interface Formatted {
  /** The bead's branch afterwards. */
  readonly head: string;
  /** How the formatter ended, when it did not as it should: nothing of it was taken. */
  readonly failed?: SandboxResult;
}

/**
 * Formats what the bead has changed, as one commit on its branch. Only texts of files that the bead itself has changed are taken,
 * none that define gates or test less than before; whatever else the formatter did is thrown away. The commit is made of git
 * objects first and is a pure function of head and texts: killed at any line and repeated, it is the same one (G5).
 */
export const formatWork = async (of: BeadTree): Promise<Formatted> => {
  const { rig, tree, head, base } = of;
  if (rig.format === undefined || head === base) return { head };
  const files = (await changedFiles(tree.repo, base, head, tree.signal)).filter((file) => isOurs(file, rig));
  if (files.length === 0) return { head };
  const run = filledLine(rig.format.run, { files: files.map(pathOf) });
  if (run === undefined) return { head };
  const step = { ...rig.format, name: 'format', run };
  const before = await textsIn(tree.dir, files);
  let after: ReadonlyMap<string, Buffer>;
  let result: SandboxResult;
  try {
    result = await of.run(step);
    after = result.exitCode === 0 ? await textsIn(tree.dir, files) : new Map();
  } finally {
    await restoreTree({ ...tree, signal: undefined });
  }
  if (result.exitCode !== 0) return { head, failed: result };
  const other = files.filter(({ path }) => after.has(path) && !same(before.get(path), after.get(path)));
  const changes = await soundChanges(of, other, after);
  if (changes.length === 0) return { head };
  const commit = await commitOf(of, changes);
  await moveRefs(tree.repo, [{ ref: gitRef.bead(of.bead), to: commit, was: head }], tree.signal);
  await restoreTree(tree);
  return { head: commit };
};

/** Whether a commit is the one that `formatWork` makes of another. */
export const isFormatOf = async (repo: string, commit: string, parent: string): Promise<boolean> => {
  const text = (await readObjects(repo, [commit])).get(commit)?.bytes.toString('utf8') ?? '';
  const cut = text.indexOf('\n\n');
  const parents = [...text.slice(0, cut).matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, id]) => id);
  return (
    parents.length === 1 &&
    parents[0] === parent &&
    trailerOf(text.slice(cut), trailer.formatted) !== undefined
  );
};

const pathOf = ({ path }: ChangedFile): string => path;

/** What a reply could write, and what nothing else depends on: caches are named by the contents of their key files. */
const isOurs = (file: ChangedFile, { sparse, caches, cacheKey }: RigSettings): boolean =>
  isPlainFile(file) &&
  pathFault(file.path) === undefined &&
  isCheckedOut(file.path, sparse) &&
  !cacheKey.includes(file.path) &&
  !caches.some((folder) => file.path.startsWith(`${folder}/`));

const same = (one: Buffer | undefined, other: Buffer | undefined): boolean =>
  one === undefined || other === undefined || one.equals(other);

/** With the message of what it formats, since that is what the work is called, and a line more. */
const commitOf = async (
  { tree: { repo }, head, bead, rig }: BeadTree,
  changes: readonly FileChange[],
): Promise<string> => {
  const object = await readObject(repo, head);
  const parent = object && commitFacts(object);
  const message = (parent?.message ?? '')
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith(`${trailer.formatted}: `));
  const own = `${trailer.bead}: ${beadKey(bead)}`;
  const by = `${trailer.formatted}: ${(rig.format?.run ?? '').replaceAll(/\s+/g, ' ').trim().slice(0, 200)}`;
  return commitFiles(repo, {
    parent: head,
    seconds: (parent?.seconds ?? 0) + 1,
    message: `${[...message, ...(message.includes(own) ? [] : ['', own]), by].join('\n')}\n`,
    changes,
  });
};
