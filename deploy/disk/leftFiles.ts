import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBeadKey } from '../../workflows/domain/naming.ts';
import type { OpenWork } from './openWork.ts';
import type { Leftover } from './prune.ts';

/** Transcripts of beads that nobody goes on with, not written to since `before` (epoch ms). */
export const oldTranscripts = async (home: string, work: OpenWork, before: number): Promise<Leftover[]> => {
  const root = join(home, 'transcripts');
  const found: Leftover[] = [];
  for (const path of await filesBelow(root)) {
    const bead = parseBeadKey(path.replace(/(?:\.gates)?\.jsonl$|\.report\.md$/, ''));
    if (bead !== undefined && work.needs(bead)) continue;
    const left = await oldFile('transcripts', join(root, path), before);
    if (left !== undefined) found.push(left);
  }
  return found;
};

/** Notes of what hosts did, not written to since `before`: those of the present are in the file that is written. */
export const oldNotes = async (home: string, before: number): Promise<Leftover[]> => {
  const root = join(home, 'fleet');
  const found = await Promise.all(
    (await filesBelow(root)).map((path) => oldFile('fleet', join(root, path), before)),
  );
  return found.filter((one) => one !== undefined);
};

/** Texts older than `before` that neither open work nor a transcript that stays mentions. */
export const oldBlobs = async (
  home: string,
  work: OpenWork,
  before: number,
  going: readonly Leftover[],
): Promise<Leftover[]> => {
  const gone = new Set(going.map(({ name }) => name));
  const needed = new Set(work.blobs);
  const transcripts = join(home, 'transcripts');
  for (const path of await filesBelow(transcripts)) {
    if (gone.has(join(transcripts, path))) continue;
    const text = await readFile(join(transcripts, path), 'utf8').catch(() => '');
    for (const [hash] of text.matchAll(/\b[0-9a-f]{64}\b/g)) needed.add(hash);
  }
  const root = join(home, 'blobs');
  const found: Leftover[] = [];
  for (const path of await filesBelow(root)) {
    const hash = /[0-9a-f]{64}/.exec(path)?.[0];
    if (hash !== undefined && needed.has(hash)) continue;
    const left = await oldFile('blobs', join(root, path), before);
    if (left !== undefined) found.push(left);
  }
  return found;
};

/** Results of gates, facts of maps and bundles of code from before `before`; what is needed of them is made again. */
export const oldResults = async (
  home: string,
  rigs: readonly string[],
  before: number,
  bundle: string,
): Promise<Leftover[]> => {
  const places = [
    ...rigs.flatMap((rig) =>
      (['greens', 'outlines'] as const).map((kind) => [kind, join(home, 'rigs', rig, kind)] as const),
    ),
    ['bundles', join(home, 'bundles')] as const,
  ];
  const found: Leftover[] = [];
  for (const [kind, root] of places) {
    for (const path of await filesBelow(root)) {
      if (kind === 'bundles' && path.startsWith(bundle)) continue;
      const left = await oldFile(kind, join(root, path), before);
      if (left !== undefined) found.push(left);
    }
  }
  return found;
};

const oldFile = async (kind: string, path: string, before: number): Promise<Leftover | undefined> => {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined || stat.mtimeMs >= before) return;
  return {
    kind,
    name: path,
    bytes: stat.blocks * 512,
    async remove() {
      // A text that was stored again meanwhile is new, although its name is old.
      const now = await lstat(path).catch(() => undefined);
      if (now !== undefined && now.mtimeMs < before) await rm(path, { force: true });
    },
  };
};

/** Paths of all files below a folder, relative to it; [] when there is none. */
const filesBelow = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
};
