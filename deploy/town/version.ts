import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
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
