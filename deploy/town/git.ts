import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { plumbingEnvironment } from '../machine/gitEnvironment.ts';

/** Runs git in one of the town's own repositories: no configuration of the user's, no hooks, no questions. */
export const gitIn = async (repo: string, args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)('git', ['-C', repo, ...args], {
    maxBuffer: 256 * 2 ** 20,
    env: plumbingEnvironment(),
  });
  return stdout;
};
