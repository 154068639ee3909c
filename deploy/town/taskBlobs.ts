import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { blobPath, isBlobRef } from '../../workflows/domain/blobRef.ts';

/** The town's blobs (texts by content hash) as a person's command line uses them: store a task, read a prompt. */
export interface TaskBlobs {
  /** Returns the sha256 in hex. */
  put(text: string): Promise<string>;
  /** Undefined when there is no such text. */
  get(ref: string): Promise<string | undefined>;
}

/** The same files as the workers' blobs: `<home>/blobs/<two digits>/<sha256>`. */
export const taskBlobs = (home: string): TaskBlobs => {
  const pathOf = (ref: string): string => join(home, 'blobs', blobPath(ref));
  return {
    async put(text) {
      const ref = createHash('sha256').update(text).digest('hex');
      await mkdir(dirname(pathOf(ref)), { recursive: true });
      const draft = `${pathOf(ref)}.${randomBytes(6).toString('hex')}`;
      await writeFile(draft, text, { flag: 'wx' });
      await rename(draft, pathOf(ref));
      return ref;
    },
    get: async (ref) =>
      isBlobRef(ref) ? await readFile(pathOf(ref), 'utf8').catch(() => undefined) : undefined,
  };
};
