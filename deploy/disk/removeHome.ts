import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Deletes a town's folder. The lock goes last, after `release`, so that no other town begins among what is left; folders
 * that a gate took the rights from are opened first.
 */
export const removeHome = async (home: string, release: () => void): Promise<void> => {
  for (const name of await readdir(home)) {
    if (name.startsWith('town.lock')) continue;
    const path = join(home, name);
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      await openFolders(path);
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    }
  }
  release();
  await rm(home, { recursive: true, force: true, maxRetries: 3 });
};

const openFolders = async (path: string): Promise<void> => {
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(path, entry.name));
  }
};
