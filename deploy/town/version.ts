import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The folder of the town's own code. */
export const codeRoot = fileURLToPath(new URL('../../', import.meta.url));

/** The commit of the town's code when it runs from a clone, else its package version. */
export const townVersion = async (root = codeRoot): Promise<string> => {
  const found = await promisify(execFile)('git', ['-C', root, 'rev-parse', '--short=12', 'HEAD'], {
    timeout: 5_000,
  }).catch(() => undefined);
  if (found !== undefined && found.stdout.trim() !== '') return found.stdout.trim();
  const manifest = JSON.parse(await readFile(`${root}/package.json`, 'utf8')) as { version: string };
  return manifest.version;
};

/**
 * Names the code of the workflows, by the contents of their files and the SDK that bundles them: histories that this very
 * code wrote need no rehearsal, and a bundle is only good for the SDK that built it.
 */
export const workflowsHash = async (root = codeRoot): Promise<string> => {
  const sdk = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };
  const hash = createHash('sha256').update(sdk.version);
  const folder = join(root, 'workflows');
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts')).sort();
  for (const file of files) hash.update(file).update(await readFile(join(folder, file)));
  return hash.digest('hex').slice(0, 32);
};
