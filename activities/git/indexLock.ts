import { randomBytes } from 'node:crypto';
import { link, lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { birthOf } from '../births.ts';

/** git's own lock on a work tree's index: while it is held, no commit, switch or checkout of the person's begins. */
export interface IndexLock extends AsyncDisposable {
  readonly path: string;
}

/** Undefined while somebody else holds it. One that a killed process of ours left behind is taken over. */
export const lockIndex = async (gitDir: string): Promise<IndexLock | undefined> => {
  const path = join(gitDir, 'index.lock');
  const holder = join(gitDir, 'gastown-holder');
  await clearDeadLock(gitDir);
  const draft = join(gitDir, `gastown-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(draft, '', { flag: 'wx' });
    const { ino } = await lstat(draft);
    const me = JSON.stringify({ pid: process.pid, born: await birthOf(process.pid), ino });
    await writeFile(`${draft}.holder`, me);
    // Told before it is taken: a lock of ours that nobody knows of would stand in the person's way for good.
    await rename(`${draft}.holder`, holder);
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { force: true });
      await rm(holder, { force: true });
    },
  };
};

/** Removes the lock that a killed process of ours left in a person's repository, and what it had beside it. */
export const clearDeadLock = async (gitDir: string): Promise<void> => {
  const path = join(gitDir, 'index.lock');
  if (!(await isOurDead(path, join(gitDir, 'gastown-holder')))) return;
  for (const name of ['gastown-index', 'gastown-index.lock', 'index.lock', 'gastown-holder'])
    await rm(join(gitDir, name), { force: true });
};

const isOurDead = async (path: string, holder: string): Promise<boolean> => {
  try {
    const [text, { ino }] = await Promise.all([readFile(holder, 'utf8'), lstat(path)]);
    const known = JSON.parse(text) as { pid: number; born: string; ino: number };
    if (known.ino !== ino) return false;
    return known.pid !== process.pid && (await birthOf(known.pid)) !== known.born;
  } catch {
    return false;
  }
};
