import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { blobPath, isBlobRef } from '../../workflows/domain/blobRef.ts';
import { fail } from '../failure.ts';
import { createConcealer } from '../secrets/concealer.ts';

/** Texts by content hash: prompts, replies, tasks, logs. Histories carry the hashes. */
export interface Blobs {
  /** Stores a text, without the secrets in it, and returns the sha256 of what is stored, in hex. Storing it again changes nothing. */
  put(text: string): Promise<string>;
  /** Throws `BlobMissing` for a hash that was never stored here. */
  get(ref: string): Promise<string>;
}

/**
 * Blobs as files under `folder`, one a blob, in folders of two hex digits. Every text that a model, a transcript or a person gets
 * to see was a blob before, so this is where secrets are taken out.
 */
export const createBlobs = (folder: string, { conceal } = createConcealer()): Blobs => {
  const pathOf = (ref: string): string => join(folder, blobPath(ref));

  return {
    async put(whole) {
      const text = conceal(whole);
      const ref = createHash('sha256').update(text).digest('hex');
      const path = pathOf(ref);
      await mkdir(dirname(path), { recursive: true });
      // A reader must never see half a blob: write beside it, then rename.
      const draft = `${path}.${randomBytes(6).toString('hex')}`;
      try {
        await writeFile(draft, text, { flag: 'wx' });
        await rename(draft, path);
      } catch (error) {
        // On a full disk every retry would leave another half of one.
        await rm(draft, { force: true });
        throw error;
      }
      return ref;
    },

    async get(ref) {
      const path = pathOf(ref);
      try {
        if (!isBlobRef(ref)) throw new Error(`not a sha256: ${ref}`);
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
