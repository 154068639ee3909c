import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decodeFacts, encodeFacts, type FileFacts } from './facts.ts';
import { languageOf } from './languages.ts';

/** Facts by blob: in memory, and as one small file each under the rig, which all beads and processes share. */
export interface FactsCache {
  /** Those that are known; the others are left out. */
  read(blobs: readonly BlobName[]): Promise<void>;
  get(blob: BlobName): FileFacts | undefined;
  put(blob: BlobName, facts: FileFacts): Promise<void>;
}

export interface BlobName {
  readonly oid: string;
  readonly path: string;
}

/** Facts of one rig that are kept in memory: some 3 KiB each, and more than one map reads. */
const mostInMemory = 10_000;
const atOnce = 32;

/** The cache in a rig's folder. Derived from git: a file that is lost or torn is made again (G4). */
export const createFactsCache = (folder: string): FactsCache => {
  const memory = new Map<string, FileFacts>();
  const remember = (key: string, facts: FileFacts): void => {
    memory.delete(key);
    memory.set(key, facts);
    if (memory.size <= mostInMemory) return;
    const oldest = memory.keys().next();
    if (!oldest.done) memory.delete(oldest.value);
  };
  const pathOf = (key: string): string => join(folder, key.slice(0, 2), key.slice(2));

  /** What cannot be written is made again by the next process: a full disk must not end a turn. */
  const keep = async (path: string, text: string): Promise<void> => {
    const draft = `${path}.${randomBytes(6).toString('hex')}`;
    try {
      // Not what is above: a town that was removed meanwhile must not come back.
      for (const each of [folder, dirname(path)]) await mkdir(each).catch(() => undefined);
      await writeFile(draft, text, { flag: 'wx' });
      await rename(draft, path);
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  };

  return {
    async read(blobs) {
      const wanted: string[] = [];
      for (const key of new Set(blobs.map(keyOf))) {
        const known = memory.get(key);
        // The newest now: what this map needs is not what makes room for the rest of it.
        if (known === undefined) wanted.push(key);
        else remember(key, known);
      }
      await inBatches(wanted, async (key) => {
        const text = await readFile(pathOf(key), 'utf8').catch(() => undefined);
        const facts = text === undefined ? undefined : decodeFacts(text);
        if (facts !== undefined) remember(key, facts);
      });
    },
    get: (blob) => memory.get(keyOf(blob)),
    async put(blob, facts) {
      const key = keyOf(blob);
      remember(key, facts);
      await keep(pathOf(key), encodeFacts(facts));
    },
  };
};

/** The same bytes say other things under the name of another language. */
const keyOf = ({ oid, path }: BlobName): string => `${oid}.${languageOf(path)?.key ?? 'text'}`;

const inBatches = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  for (let at = 0; at < items.length; at += atOnce) await Promise.all(items.slice(at, at + atOnce).map(work));
};
