import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs git in one of the town's own repositories: no configuration of the user's, no hooks, no questions. */
export const gitIn = async (repo: string, args: readonly string[]): Promise<string> => {
  const { PATH, HOME, TMPDIR } = process.env;
  const { stdout } = await promisify(execFile)(
    'git',
    ['-C', repo, '-c', 'core.hooksPath=/dev/null', ...args],
    {
      maxBuffer: 256 * 2 ** 20,
      env: {
        ...(PATH === undefined ? {} : { PATH }),
        ...(HOME === undefined ? {} : { HOME }),
        ...(TMPDIR === undefined ? {} : { TMPDIR }),
        LC_ALL: 'C',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
      },
    },
  );
  return stdout;
};
