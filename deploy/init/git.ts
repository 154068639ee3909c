import { execa } from 'execa';

/** A remote that does not answer must not hold a person up for longer, ms. */
const patienceMs = 120_000;

/** Runs git as the person has it set up, but so that it asks nothing and runs nothing that a repository brings. */
export const git = async (cwd: string, ...args: readonly string[]): Promise<string> => {
  const ran = await execa('git', [...guards, ...args], {
    cwd,
    reject: false,
    timeout: patienceMs,
    maxBuffer: 64 * 1024 * 1024,
    stdin: 'ignore',
    env: await quiet(cwd),
  });
  if (ran.exitCode === 0) return ran.stdout;
  const said = ran.timedOut
    ? `no answer within ${patienceMs / 1_000} s`
    : `exit status ${ran.exitCode ?? 'none'}`;
  throw new Error(
    [
      `git ${args.join(' ')}`,
      `in ${cwd}: ${ran.code === 'ENOENT' ? ran.shortMessage : said}`,
      ran.stderr.trim(),
    ].join('\n'),
  );
};

/** The first line of what git says; undefined when it says nothing or fails. */
export const gitOrUndefined = async (
  cwd: string,
  ...args: readonly string[]
): Promise<string | undefined> => {
  const said = await git(cwd, ...args).catch(() => '');
  return said.trim() === '' ? undefined : said.trimEnd();
};

const guards = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'core.quotePath=false'];

const quiet = async (cwd: string): Promise<Record<string, string>> => ({
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_LFS_SKIP_SMUDGE: '1',
  SSH_ASKPASS_REQUIRE: 'never',
  GIT_ASKPASS: '',
  SSH_ASKPASS: '',
  GCM_INTERACTIVE: 'never',
  ...((await hasOwnSsh(cwd)) ? {} : { GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=15' }),
});

/** Whether the person has said how ssh is called, such as with another key: then it is called in just that way. */
const hasOwnSsh = async (cwd: string): Promise<boolean> => {
  if (process.env['GIT_SSH_COMMAND'] !== undefined || process.env['GIT_SSH'] !== undefined) return true;
  const ran = await execa('git', ['config', '--get', 'core.sshCommand'], {
    cwd,
    reject: false,
    stdin: 'ignore',
  });
  return ran.exitCode === 0;
};
