import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command } from './command.mjs';
import { announce, tail } from './problem.mjs';
import { temporalVersion } from './repository.mjs';

/**
 * Lets the SDK fetch Temporal's command line. Returns why it could not, or undefined. In a process of its own, since
 * the SDK needs the installed packages and the newer Node. Fails within milliseconds where there is no network.
 */
export const downloadTemporal = async ({ root, cache, env, node, to }) => {
  const version = temporalVersion(root);
  announce(`Getting Temporal ${version} by the SDK's own download (about 50 MB) …`);
  const folder = await mkdtemp(join(cache, 'download-'));
  try {
    const script = fileURLToPath(new URL('downloadInto.mjs', import.meta.url));
    const { status, output } = await command(node, [script, folder, `v${version}`], {
      cwd: root,
      env,
      timeoutMs: 5 * 60_000,
    });
    if (status !== 0) return `the SDK's download failed: ${firstLine(output)}`;
    const file = await largest(folder);
    if (file === undefined) return `the SDK's download left no file in ${folder}`;
    await chmod(file, 0o755);
    await rename(file, to);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const firstLine = (output) => output.split('\n').find((line) => line.includes('Failed')) ?? tail(output, 1);

/** The SDK names the file as it likes; there is nothing else in the folder. */
const largest = async (folder) => {
  const files = (await readdir(folder, { withFileTypes: true, recursive: true })).filter((entry) =>
    entry.isFile(),
  );
  const program = files.find((entry) => entry.name.startsWith('temporal')) ?? files[0];
  return program === undefined ? undefined : join(program.parentPath ?? program.path, program.name);
};
