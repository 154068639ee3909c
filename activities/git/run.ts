import { resolve, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fail } from '../failure.ts';
import { type Obstacle, obstacleOf, overcome } from './obstacle.ts';
import { redacted } from './redact.ts';
import { runGit } from './spawner.ts';

export interface GitOptions {
  readonly cwd: string;
  /**
   * `plumbing` (default): sealed from the user's and the system's configuration, no hooks, no prompts, a fixed identity. Only
   * for the town's own repositories. `transport`: the user's own configuration, credential helpers and ssh, for whatever
   * touches a repository that is not the town's: clone, fetch, push, ls-remote, and looking at a rig given as a path.
   */
  readonly profile?: 'plumbing' | 'transport';
  /**
   * Transport only: the town's own repository that git works in. What killed gits left in there is cleared out of its way;
   * another's locks are not ours to judge.
   */
  readonly own?: string;
  /** Ends git when it aborts; the call then throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly input?: string | Buffer;
  /** Added to the profile's environment, e.g. `GIT_COMMITTER_DATE` or `GIT_INDEX_FILE`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are answers. Default: only 0. */
  readonly okExitCodes?: readonly number[];
  /** Default: 2 minutes for plumbing, 10 for transport. */
  readonly timeoutMs?: number;
  /** The most that git may print before it is ended, bytes. Default 64 MiB. */
  readonly maxBytes?: number;
}

export interface GitResult {
  /** Exactly as printed, with the final newline. */
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs git. Any other exit code than `okExitCodes` throws `GitFailed` with command, folder, status and last lines of stderr. */
export const git = async (args: readonly string[], options: GitOptions): Promise<GitResult> => {
  const { stdout, stderr, exitCode } = await gitBytes(args, options);
  return { stdout: stdout.toString('utf8'), stderr, exitCode };
};

/** What git printed, without white space around it: for commands that answer with one line. */
export const gitLine = async (args: readonly string[], options: GitOptions): Promise<string> =>
  (await git(args, options)).stdout.trim();

/** The same as `git` with the output as bytes: for objects and for names that may not be UTF-8. */
export const gitBytes = async (
  args: readonly string[],
  options: GitOptions,
): Promise<Omit<GitResult, 'stdout'> & { readonly stdout: Buffer }> => {
  const codes = options.okExitCodes ?? success;
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted();
    const ended = await runGit(args, options);
    const { stdout, stderr, exitCode } = ended;
    if (ended.error === undefined && exitCode !== null && codes.includes(exitCode))
      return { stdout, stderr, exitCode };
    options.signal?.throwIfAborted();
    const obstacle = obstacleIn(stderr, options);
    if (obstacle === undefined || attempt === maxAttempts || !(await overcome(obstacle)))
      throw gitFailed(args, options, ended);
    await pause(20 * attempt);
  }
};

/** What was in the way of a git, where it is the town's to clear. */
const obstacleIn = (stderr: string, { profile, own, cwd }: GitOptions): Obstacle | undefined => {
  const found = obstacleOf(stderr, cwd);
  if (profile !== 'transport') return found;
  return own !== undefined && found?.path.startsWith(resolve(own) + sep) ? found : undefined;
};

/** The failure that `git` throws, for callers that judge an exit code themselves. */
export const gitFailed = (
  args: readonly string[],
  options: Pick<GitOptions, 'cwd'>,
  ended: {
    readonly exitCode: number | null;
    readonly stderr: string;
    readonly error?: string | undefined;
  },
) =>
  fail('GitFailed', {
    what: `git ${args.find((arg) => !arg.startsWith('-')) ?? ''} failed.`,
    evidence: gitEvidence(args, options, ended),
    next: 'The town tries again by itself. If it goes on, run the command by hand in that folder and see what git needs.',
  });

/** Command, folder, exit status and last lines of stderr, without passwords. */
export const gitEvidence = (
  args: readonly string[],
  options: Pick<GitOptions, 'cwd'>,
  ended: { readonly exitCode: number | null; readonly stderr: string; readonly error?: string | undefined },
): string =>
  redacted(
    [
      `git ${args.join(' ')}`,
      `in ${options.cwd}: ${ended.error ?? `exit status ${ended.exitCode}`}`,
      ended.stderr.trim().split('\n').slice(-8).join('\n'),
    ]
      .filter((line) => line !== '')
      .join('\n'),
  );

const success = [0] as const;
const maxAttempts = 8;
