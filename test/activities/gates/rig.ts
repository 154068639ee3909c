import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Home, homeAt } from '../../../activities/home.ts';
import { type Blobs, createBlobs } from '../../../activities/ledger/blobs.ts';
import type { BeadRef } from '../../../workflows/domain/naming.ts';
import type { RigSettings } from '../../../workflows/domain/rig.ts';

/** A town's home with one rig: a bare repository whose main holds `files`, and worktrees of it. */
export interface TestRig {
  readonly home: Home;
  readonly blobs: Blobs;
  readonly rig: RigSettings;
  readonly ref: BeadRef;
  readonly dir: string;
  readonly head: string;
  readonly git: (cwd: string, ...args: string[]) => string;
  /** Commits files in a worktree and returns the new head. */
  readonly commit: (cwd: string, files: Readonly<Record<string, string>>) => string;
  readonly worktree: (bead: string) => string;
  readonly remove: () => void;
}

export const makeTestRig = (
  files: Readonly<Record<string, string>>,
  settings: Partial<RigSettings> = {},
): TestRig => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'gastown-gates-')));
  const home = homeAt(join(root, 'home'));
  const repo = home.repo('app');
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'T',
    GIT_AUTHOR_EMAIL: 't@example.org',
    GIT_COMMITTER_NAME: 'T',
    GIT_COMMITTER_EMAIL: 't@example.org',
  };
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const write = (cwd: string, texts: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), text);
    }
  };
  const commit = (cwd: string, texts: Readonly<Record<string, string>>): string => {
    write(cwd, texts);
    git(cwd, 'add', '-A', '--', ...Object.keys(texts));
    git(cwd, 'commit', '-q', '-m', 'change');
    return git(cwd, 'rev-parse', 'HEAD');
  };
  const seed = join(root, 'seed');
  mkdirSync(seed);
  git(seed, 'init', '-q', '-b', 'main');
  commit(seed, files);
  mkdirSync(dirname(repo), { recursive: true });
  git(root, 'clone', '-q', '--bare', seed, repo);
  const worktree = (bead: string): string => {
    const dir = home.worktree('app', { convoy: 'c', epic: 'e', bead });
    mkdirSync(dirname(dir), { recursive: true });
    git(repo, 'worktree', 'add', '-q', '-b', `gt/c/e/${bead}`, dir, 'main');
    return dir;
  };
  const dir = worktree('b');
  return {
    home,
    blobs: createBlobs(home.blobs),
    rig: {
      name: 'app',
      source: seed,
      branch: 'main',
      land: { mode: 'local' },
      setup: undefined,
      setupTimeoutMs: 20_000,
      caches: [],
      cacheKey: [],
      sparse: [],
      gates: [],
      network: false,
      cloud: 'never',
      sandbox: 'required',
      maxWorkers: 2,
      ...settings,
    },
    ref: { convoy: 'c', epic: 'e', bead: 'b' },
    dir,
    head: git(dir, 'rev-parse', 'HEAD'),
    git,
    commit,
    worktree,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};

export const gate = (name: string, run: string, timeoutMs = 20_000): RigSettings['gates'][number] => ({
  name,
  run,
  timeoutMs,
});
