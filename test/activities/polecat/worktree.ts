import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { homeAt } from '../../../activities/home.ts';
import { createBlobs } from '../../../activities/ledger/blobs.ts';
import { createPolecatActivities, type PolecatDeps } from '../../../activities/polecat/activities.ts';
import type { BeadSpec } from '../../../workflows/domain/bead/bead.ts';
import type { ModelSettings } from '../../../workflows/domain/host/model.ts';
import { beadBranch } from '../../../workflows/domain/naming.ts';
import type { RigSettings } from '../../../workflows/domain/rig.ts';
import type { ApplyReply, ComposePrompt, WriteNote } from '../../../workflows/ports.ts';

const run = promisify(execFile);
const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 't',
  GIT_AUTHOR_EMAIL: 't@t',
  GIT_COMMITTER_NAME: 't',
  GIT_COMMITTER_EMAIL: 't@t',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};

export const rig: RigSettings = {
  name: 'r',
  source: '/nowhere',
  branch: 'main',
  land: { mode: 'local' },
  setup: undefined,
  setupTimeoutMs: 1_000,
  caches: ['node_modules'],
  cacheKey: [],
  sparse: [],
  gates: [
    { name: 'test', run: 'node --test', timeoutMs: 1_000 },
    { name: 'lint', run: 'sh scripts/lint.sh', timeoutMs: 1_000 },
  ],
  network: false,
  cloud: 'never',
  sandbox: 'off',
  maxWorkers: 1,
};

export const model: ModelSettings = {
  key: 'm',
  name: 'm',
  context: 32_768,
  maxTokens: 4_096,
  temperature: 0,
  tier: 'default',
  hosts: ['h'],
  firstTokenMs: 1_000,
  idleMs: 1_000,
  callTimeoutMs: 1_000,
};

const homes: string[] = [];

/** Removes all temporary homes: for `afterAll`. */
export const removeHomes = async (): Promise<void> => {
  for (const home of homes.splice(0)) await rm(home, { recursive: true, force: true, maxRetries: 20 });
};

/** A real rig with one bead's worktree, in a temporary home. */
export const openWorktree = async (
  files: Readonly<Record<string, string | Buffer>>,
  models = [model],
  settings: Partial<RigSettings> = {},
) => {
  const home = homeAt(await mkdtemp(join(tmpdir(), 'gt-polecat-')));
  homes.push(home.root);
  const blobs = createBlobs(home.blobs);
  const bead = { convoy: 'c', epic: 'e', bead: 'b' };
  const repo = home.repo('r');
  const worktree = home.worktree('r', bead);
  const git = async (cwd: string, ...args: string[]): Promise<string> =>
    (await run('git', args, { cwd, env, maxBuffer: 1e8 })).stdout;
  const write = async (path: string, content: string | Buffer): Promise<void> => {
    await mkdir(dirname(join(worktree, path)), { recursive: true });
    await writeFile(join(worktree, path), content);
  };
  await mkdir(repo, { recursive: true });
  await git(repo, 'init', '-q', '--bare', '-b', 'main');
  const tree = (await git(repo, 'hash-object', '-w', '-t', 'tree', '/dev/null')).trim();
  const root = (await git(repo, 'commit-tree', tree, '-m', 'root')).trim();
  await git(repo, 'update-ref', 'refs/heads/main', root);
  await git(repo, 'worktree', 'add', '-q', '-b', beadBranch(bead), worktree, root);
  for (const [path, content] of Object.entries(files)) await write(path, content);
  await git(worktree, 'add', '-A');
  await git(worktree, 'commit', '-q', '--allow-empty', '-m', 'base');
  const base = (await git(worktree, 'rev-parse', 'HEAD')).trim();

  const spec: BeadSpec = {
    id: 'b',
    title: 'Greet people by name',
    taskRef: await blobs.put('Write src/a.ts so that it greets.'),
    needs: [],
    files: ['src/a.ts'],
    tier: undefined,
    gates: [],
    approvedFiles: [],
  };
  const deps: PolecatDeps = {
    home,
    blobs,
    models: new Map(models.map((one) => [one.key, one])),
    rigs: new Map([['r', { ...rig, ...settings }]]),
  };
  const place = { bead, rig: 'r', target: 'main', place: 'home', spec, base } as const;
  return {
    ...createPolecatActivities(deps),
    deps,
    home,
    blobs,
    repo,
    worktree,
    base,
    spec,
    write,
    git,
    inWorktree: (...args: string[]) => git(worktree, ...args),
    applying: async (reply: string, more: Partial<ApplyReply> = {}): Promise<ApplyReply> => ({
      ...place,
      replyRef: await blobs.put(reply),
      head: base,
      polecat: 'Toast',
      model: 'm',
      turn: 1,
      ...more,
    }),
    composing: (more: Partial<ComposePrompt> = {}): ComposePrompt => ({
      ...place,
      model: 'm',
      head: base,
      conversation: 1,
      turn: 1,
      feedback: [],
      noteRef: undefined,
      ...more,
    }),
    noting: (more: Partial<WriteNote> = {}): WriteNote => ({
      ...place,
      reason: 'asked',
      feedback: [],
      ...more,
    }),
  };
};
