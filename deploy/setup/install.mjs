import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { command } from './command.mjs';
import { withLock } from './lock.mjs';
import { announce, problem, tail } from './problem.mjs';

/**
 * Installs what package-lock.json names, when `node_modules` is absent or holds something else. With `onlyMissing` an
 * old `node_modules` is left alone: somebody's workers may run from it.
 */
export const ensureInstalled = async (root, { onlyMissing = false, env = process.env } = {}) => {
  if (await isInstalled(root, onlyMissing)) return;
  await withLock(
    join(root, '.setup.lock'),
    async () => {
      if (!(await isInstalled(root, onlyMissing))) await install(root, env);
    },
    (owner) => announce(`Waiting for another set-up of this folder (process ${owner}) …`),
  );
};

/**
 * The stamp is the hash of the lock that was installed. Times would not do: git writes files in any order. Without a
 * stamp (somebody ran npm by hand) npm's own record of what it installed is compared.
 */
const isInstalled = async (root, onlyMissing) => {
  const [lock, record, stamp] = await Promise.all([
    readFile(join(root, 'package-lock.json'), 'utf8'),
    readOrNothing(join(root, 'node_modules/.package-lock.json')),
    readOrNothing(stampPath(root)),
  ]);
  if (record === undefined) return false; // npm writes it last
  if (onlyMissing || stamp === stampOf(lock)) return true;
  if (!sameVersions(JSON.parse(lock).packages, JSON.parse(record).packages)) return false;
  await writeFile(stampPath(root), stampOf(lock));
  return true;
};

/** All that is wanted is there, but for optional packages of other platforms; and nothing else is there. */
const sameVersions = (wanted, installed) =>
  Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  ) && Object.entries(installed).every(([path, entry]) => wanted[path]?.version === entry.version);

const install = async (root, env) => {
  const started = Date.now();
  announce(
    'Installing the packages of package-lock.json with `npm ci` (some 150 MB; half a minute, more when it has to download) …',
  );
  const [program, ...before] = npm(env);
  // Also where NODE_ENV=production or a user's own npm settings would leave them out.
  const args = [
    ...before,
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status, output } = await command(program, args, { cwd: root, env });
  if (status !== 0)
    throw problem({
      what: 'The packages could not be installed.',
      evidence: `npm ci in ${root}: ${status === null ? 'did not run to its end' : `exit status ${status}`}\n${tail(output)}`,
      next: 'Check the network and `npm config get registry`, then run the same command again.',
    });
  await writeFile(stampPath(root), stampOf(await readFile(join(root, 'package-lock.json'), 'utf8')));
  announce(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
};

/** The npm that started us, if one did; it need not be on PATH. */
const npm = (env) =>
  basename(env.npm_execpath ?? '') === 'npm-cli.js' ? [process.execPath, env.npm_execpath] : ['npm'];

const stampPath = (root) => join(root, 'node_modules/.gastown-stamp');

/** Of this platform: a folder shared with a virtual machine holds the other one's binaries. */
const stampOf = (lock) =>
  `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`;

const readOrNothing = async (path) => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
};
