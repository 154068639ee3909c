import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes a folder even where a gate took the rights away from its own folders. */
export const removeTree = async (path: string): Promise<void> => {
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(async () => {
    await openUp(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  });
};

/** Lets us into all folders: tests leave some that nobody may write to. */
export const openUp = async (folder: string): Promise<void> => {
  await chmod(folder, 0o700).catch(() => {});
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
  }
};
