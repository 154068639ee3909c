import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../failure.ts';

/** Texts by content hash: prompts, replies, tasks, logs. Histories carry the hashes. */
export interface Blobs {
  /** Stores a text and returns its sha256 in hex. Storing it again changes nothing. */
  put(text: string): Promise<string>;
  /** Throws `BlobMissing` for a hash that was never stored here. */
  get(ref: string): Promise<string>;
}

const refPattern = /^[0-9a-f]{64}$/;

/** Blobs as files under `folder`, one a blob, in folders of two hex digits. */
export const createBlobs = (folder: string): Blobs => {
  const pathOf = (ref: string): string => join(folder, ref.slice(0, 2), ref);

  return {
    async put(text) {
      const ref = createHash('sha256').update(text).digest('hex');
      const path = pathOf(ref);
      await mkdir(dirname(path), { recursive: true });
      // A reader must never see half a blob: write beside it, then rename.
      const draft = `${path}.${randomBytes(6).toString('hex')}`;
      await writeFile(draft, text, { flag: 'wx' });
      await rename(draft, path);
      return ref;
    },

    async get(ref) {
      const path = pathOf(ref);
      try {
        if (!refPattern.test(ref)) throw new Error(`not a sha256: ${ref}`);
        return await readFile(path, 'utf8');
      } catch (cause) {
        throw fail('BlobMissing', {
          what: `The text ${ref.slice(0, 12)} is not in this town's blobs.`,
          evidence: String(cause),
          next: `Check that every worker uses the same home; the file belongs at ${path}.`,
          cause,
        });
      }
    },
  };
};
