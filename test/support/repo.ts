import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Home, homeAt } from '../../activities/home.ts';

/** Path → text; null removes the file. */
export type Files = Readonly<Record<string, string | null>>;

/** A real git repository in a temporary folder, gone at the end of `await using`. */
export interface TempRepo extends AsyncDisposable {
  readonly path: string;
  /** Runs git in it, and gives what it printed, trimmed. Rejects on any other exit status than 0. */
  git(...args: string[]): Promise<string>;
  /** Commits on the branch that is checked out (`main` at first) and gives the commit. */
  commit(files: Files, message?: string): Promise<string>;
  /** Like `commit`, but on any branch and without touching a work tree: for bare repositories and outsiders. */
  commitTo(branch: string, files: Files, message?: string): Promise<string>;
  revParse(name: string): Promise<string>;
  /** Subjects of the commits, newest first. */
  log(range?: string): Promise<string[]>;
  /** A file's text in a commit; undefined when it is not there. */
  show(commit: string, path: string): Promise<string | undefined>;
}

export interface TempRepoInit {
  /** What the first commit holds. Default: a README. `{}` leaves the branch unborn. */
  readonly files?: Files;
  readonly branch?: string;
  /** A bare repository, as a remote is. */
  readonly bare?: boolean;
}

/** Makes a repository with one commit on `main`. */
export const tempRepo = async (init: TempRepoInit = {}): Promise<TempRepo> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'gt-repo-')));
  const path = join(folder, init.bare === true ? 'remote.git' : 'repo');
  const branch = init.branch ?? 'main';
  await mkdir(path);
  const repo = repoAt(path, () => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  await repo.git('init', '-q', '-b', branch, ...(init.bare === true ? ['--bare'] : []));
  const files = init.files ?? { 'README.md': '# Sample\n' };
  if (Object.keys(files).length === 0) return repo;
  if (init.bare === true) await repo.commitTo(branch, files, 'first');
  else await repo.commit(files, 'first');
  return repo;
};

/** A home of a town in a temporary folder. */
export const tempHome = async (): Promise<Home & AsyncDisposable> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'gt-home-')));
  return {
    ...homeAt(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
};

/** The same handle on a repository that is there already, e.g. the town's own copy; its disposal does nothing. */
export const repoAt = (path: string, dispose: () => Promise<void> = async () => {}): TempRepo => {
  const run = async (args: readonly string[], env: Record<string, string> = {}): Promise<string> => {
    const { stdout } = await execute('git', [...args], {
      cwd: path,
      env: { ...environment, ...env },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  };
  const repo: TempRepo = {
    path,
    git: async (...args) => (await run(args)).trim(),

    async commit(files, message = 'change') {
      for (const [name, text] of Object.entries(files)) {
        if (text === null) await rm(join(path, name), { recursive: true });
        else {
          await mkdir(dirname(join(path, name)), { recursive: true });
          await writeFile(join(path, name), text);
        }
      }
      await run(['add', '-A']);
      await run(['commit', '-q', '--allow-empty', '-m', message]);
      return repo.revParse('HEAD');
    },

    async commitTo(branch, files, message = 'change') {
      const ref = `refs/heads/${branch}`;
      const parent = await repo.revParse(ref).catch(() => undefined);
      const index = join(path, `index-${process.pid}-${++count}`);
      const env = { GIT_INDEX_FILE: index };
      if (parent !== undefined) await run(['read-tree', parent], env);
      for (const [name, text] of Object.entries(files)) {
        const entry = text === null ? `0 ${'0'.repeat(40)}` : `100644 ${await written(path, text)}`;
        // Not `--force-remove`: that asks for a work tree.
        await fed(path, ['update-index', '--index-info'], `${entry}\t${name}\n`, env);
      }
      const tree = (await run(['write-tree'], env)).trim();
      await rm(index, { force: true });
      const parents = parent === undefined ? [] : ['-p', parent];
      const commit = (await run(['commit-tree', tree, ...parents, '-m', message])).trim();
      await run(['update-ref', ref, commit, ...(parent === undefined ? [] : [parent])]);
      return commit;
    },

    revParse: async (name) =>
      (await run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])).trim(),

    async log(range = 'HEAD') {
      const subjects = await run(['log', '--format=%s', range]);
      return subjects.split('\n').filter((line) => line !== '');
    },

    show: (commit, name) => run(['show', `${commit}:${name}`]).catch(() => undefined),

    [Symbol.asyncDispose]: dispose,
  };
  return repo;
};

const execute = promisify(execFile);
let count = 0;

const written = (cwd: string, text: string): Promise<string> =>
  fed(cwd, ['hash-object', '-w', '--stdin'], text);

const fed = async (
  cwd: string,
  args: readonly string[],
  input: string,
  env: Record<string, string> = {},
): Promise<string> => {
  const running = execute('git', [...args], { cwd, env: { ...environment, ...env } });
  running.child.stdin?.end(input);
  return (await running).stdout.trim();
};

/** Nobody's configuration, and an outsider's name. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada Example',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada Example',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};
