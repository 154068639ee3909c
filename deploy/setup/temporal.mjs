import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildTemporal } from './build.mjs';
import { candidateFault, executablesOnPath } from './candidate.mjs';
import { downloadTemporal } from './download.mjs';
import { withLock } from './lock.mjs';
import { announce, problem } from './problem.mjs';
import { repository, temporalVersion } from './repository.mjs';

/**
 * Path of a `temporal` command line whose dev server fits the town. The first that works of: TEMPORAL_CLI_PATH,
 * `temporal` on PATH, the per-user cache, the SDK's own download, a build from Go modules; the last two fill the
 * cache. Throws a problem that lists what was tried and the choices as commands.
 */
export const ensureTemporal = async ({
  root = repository,
  env = process.env,
  node = process.execPath,
} = {}) => {
  if (env.TEMPORAL_CLI_PATH) return await asked(env);
  const cache = cacheFolder(env);
  const tried = [];
  const works = async (path) => {
    const fault = await candidateFault(path, cache);
    if (fault !== undefined) tried.push(fault);
    return fault === undefined;
  };

  for (const path of await executablesOnPath('temporal', env.PATH)) if (await works(path)) return path;
  if (tried.length > 0) announce(`Not used: ${tried.join('; ')}.`);
  const cached = join(cache, `temporal-${temporalVersion(root)}`);
  if (await works(cached)) return cached;

  await mkdir(cache, { recursive: true });
  return await withLock(
    join(cache, 'lock'),
    async () => {
      if (await works(cached)) return cached; // another set-up has just put it there
      for (const get of [downloadTemporal, buildTemporal]) {
        const fault = await get({ root, cache, env, node, to: cached });
        if (fault === undefined && (await works(cached))) return cached;
        if (fault !== undefined) tried.push(fault);
      }
      throw nothing(tried);
    },
    (owner) => announce(`Waiting for another set-up that gets the Temporal server (process ${owner}) …`),
  );
};

/** The same without getting one: its path, or what was looked at in vain. Throws nothing. */
export const findTemporal = async ({ root = repository, env = process.env } = {}) => {
  const cache = cacheFolder(env);
  const candidates = env.TEMPORAL_CLI_PATH
    ? [resolve(env.INIT_CWD ?? process.cwd(), env.TEMPORAL_CLI_PATH)]
    : [...(await executablesOnPath('temporal', env.PATH)), join(cache, `temporal-${temporalVersion(root)}`)];
  const tried = [];
  for (const path of candidates) {
    const fault = await candidateFault(path, cache);
    if (fault === undefined) return { path, tried };
    tried.push(fault);
  }
  return { path: undefined, tried };
};

/** What somebody asked for by name is used or refused, never passed over. */
const asked = async (env) => {
  // npm changes the directory; people mean the one they typed in.
  const path = resolve(env.INIT_CWD ?? process.cwd(), env.TEMPORAL_CLI_PATH);
  const fault = await candidateFault(path, cacheFolder(env));
  if (fault === undefined) return path;
  throw problem({
    what: 'TEMPORAL_CLI_PATH does not name a usable Temporal command line.',
    evidence: fault,
    next: 'Correct it, or `unset TEMPORAL_CLI_PATH` and the set-up finds or gets one itself.',
  });
};

/** Per user and not in the clone: a build takes minutes, and fresh clones are many. */
export const cacheFolder = (env = process.env) => {
  const home = env.HOME || homedir();
  const caches =
    env.XDG_CACHE_HOME ||
    (process.platform === 'darwin' ? join(home, 'Library/Caches') : join(home, '.cache'));
  return join(caches, 'gastown/temporal-cli');
};

const nothing = (tried) =>
  problem({
    what: 'There is no Temporal server on this machine, and none could be fetched or built.',
    evidence: tried.map((line) => `- ${line}`).join('\n'),
    next: [
      'one of these, then the same command again:',
      ...choices[process.platform === 'darwin' ? 'macos' : 'linux'],
    ].join('\n  '),
  });

const choices = {
  macos: [
    'brew install temporal',
    'brew install go                                        # 1.26 or newer: the set-up then builds it, 7 minutes once',
    'export TEMPORAL_CLI_PATH=/path/to/temporal             # a copy from https://github.com/temporalio/cli/releases',
  ],
  linux: [
    'curl -sSf https://temporal.download/cli.sh | sh && export TEMPORAL_CLI_PATH=$HOME/.temporalio/bin/temporal',
    'install Go 1.26 or newer (https://go.dev/dl)           # the set-up then builds it, 7 minutes once',
    'export TEMPORAL_CLI_PATH=/path/to/temporal             # a copy from https://github.com/temporalio/cli/releases',
  ],
};
