import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const workflows = fileURLToPath(new URL('../workflows/', import.meta.url));

/**
 * Path of the workflow bundle for the present code, kept under `folder` by its content hash. It is built in a process of
 * its own: webpack would add more to a worker's memory than all of its workflows.
 */
export const ensureBundle = async (folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${await sourceHash()}.js`);
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

/** A bundle is only good for the very SDK that built it. */
const sourceHash = async (): Promise<string> => {
  const sdk = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };
  const hash = createHash('sha256').update(sdk.version);
  const files = (await readdir(workflows, { recursive: true })).filter((file) => file.endsWith('.ts')).sort();
  for (const file of files) hash.update(file).update(await readFile(join(workflows, file)));
  return hash.digest('hex').slice(0, 32);
};
