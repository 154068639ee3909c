import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { workflowsHash } from '../deploy/town/version.ts';

/**
 * Path of the workflow bundle for the present code, kept under `folder` by its content hash. It is built in a process of
 * its own: webpack would add more to a worker's memory than all of its workflows.
 */
export const ensureBundle = async (folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${await workflowsHash()}.js`);
  if (existsSync(path)) return path;
  const draft = `${path}.${process.pid}`;
  await execa(process.execPath, [
    ...process.execArgv,
    fileURLToPath(new URL('./buildBundle.ts', import.meta.url)),
    draft,
  ]);
  await rename(draft, path);
  return path;
};
