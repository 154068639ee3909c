import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changesGates } from '../../workflows/domain/guard/gateFiles.ts';
import { shortcutIn } from '../../workflows/domain/guard/shortcut.ts';
import { changesTests } from '../../workflows/domain/guard/testFiles.ts';
import { readObjects } from '../git/objects.ts';
import { gitLine } from '../git/run.ts';
import type { FileChange } from '../polecat/commitFiles.ts';
import { limits, worktreeFault } from '../polecat/safety.ts';
import { leakFaults } from '../polecat/secretEdits.ts';
import type { ChangedFile } from './changedFiles.ts';
import type { BeadTree } from './format.ts';
import type { GateTree } from './tree.ts';

/** Contents of those that are plain files of a reply's size; a link on the way is not followed (G9). */
export const textsIn = async (
  dir: string,
  files: readonly ChangedFile[],
): Promise<ReadonlyMap<string, Buffer>> => {
  const texts = new Map<string, Buffer>();
  for (const { path } of files) {
    if ((await worktreeFault(dir, path)) !== undefined) continue;
    const bytes = await readFile(join(dir, path)).catch(() => undefined);
    if (bytes !== undefined && bytes.length <= limits.fileBytes && !bytes.includes(0)) texts.set(path, bytes);
  }
  return texts;
};

/** The changes that are no more than another layout of a text; `texts` are the files as they are now in the worktree. */
export const soundChanges = async (
  { rig, tree, head, concealer }: BeadTree,
  files: readonly ChangedFile[],
  texts: ReadonlyMap<string, Buffer>,
): Promise<readonly FileChange[]> => {
  const commands = [...rig.gates, rig.format, rig.nearest].flatMap((step) => step?.run ?? []);
  const known = await readObjects(
    tree.repo,
    files.map(({ path }) => `${head}:${path}`),
  );
  const changes: FileChange[] = [];
  for (const { path, mode } of files) {
    const old = known.get(`${head}:${path}`)?.bytes;
    const bytes = await asStored(tree, path, texts.get(path) ?? Buffer.alloc(0));
    if (old === undefined || old.equals(bytes)) continue;
    const [was, is] = [old.toString('utf8'), bytes.toString('utf8')];
    const unsound =
      changesGates(path, was, is, rig.setup === undefined ? commands : [...commands, rig.setup]) ??
      changesTests(path, was, is, { files: [path], task: '' }) ??
      shortcutIn(path, was, is);
    const change = { path, bytes, mode };
    if (unsound === undefined && leakFaults([change], [was], concealer).length === 0) changes.push(change);
  }
  return changes;
};

/** As git keeps the file: `.gitattributes` of the commit may say that lines end otherwise in the worktree. */
const asStored = async ({ dir, repo, signal }: GateTree, path: string, bytes: Buffer): Promise<Buffer> => {
  const options = { cwd: dir, input: bytes, ...(signal ? { signal } : {}) };
  const oid = await gitLine(['hash-object', '-w', `--path=${path}`, '--stdin'], options);
  return (await readObjects(repo, [oid])).get(oid)?.bytes ?? bytes;
};
