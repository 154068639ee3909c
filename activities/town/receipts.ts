import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What was sent to whom already, as files under the home: an activity that is repeated must not tell a person twice (G5). */
export interface Receipts {
  /** The name of an announcement for one channel; the same for every try. */
  nameOf(id: string, channel: string): string;
  has(name: string): Promise<boolean>;
  keep(name: string): Promise<void>;
}

/** Receipts in `folder`, which is made when needed. */
export const createReceipts = (folder: string): Receipts => ({
  nameOf: (id, channel) => createHash('sha256').update(`${channel}\n${id}`).digest('hex').slice(0, 40),

  has: (name) =>
    access(join(folder, name)).then(
      () => true,
      () => false,
    ),

  async keep(name) {
    await mkdir(folder, { recursive: true });
    const draft = join(folder, `.${name}.${randomBytes(6).toString('hex')}`);
    await writeFile(draft, new Date().toISOString());
    await rename(draft, join(folder, name));
  },
});
