import { bubblewrapCommand } from './bubblewrap.ts';
import { certificateFiles, scrubbedEnv } from './environment.ts';
import { realPath } from './paths.ts';
import type { ProcessLimit } from './processLimit.ts';
import type { SandboxRun } from './run.ts';
import type { Scratch } from './scratch.ts';
import { findToolchains } from './toolchains.ts';
import { unshareCommand } from './unshare.ts';
import { viewFor } from './view.ts';

/** What to spawn for a run. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

/** Says that the sandbox stands, runs the command as a child, and passes its exit code on. */
const launcher = 'ulimit -c 0; echo started >&3; "$@" 2>&1 3>&-; exit $?';

/** The command line and environment that put a run's command into its rung. */
export const launchFor = async (run: SandboxRun, scratch: Scratch, limit: ProcessLimit): Promise<Launch> => {
  const cwd = (await realPath(run.cwd)) ?? run.cwd;
  const toolchains = await findToolchains([scratch.folder, ...run.writable]);
  const command = typeof run.command === 'string' ? ['sh', '-c', run.command] : run.command;
  const argv = ['sh', '-c', launcher, 'sh', ...limit.inside, ...command];
  const bare = run.rung.name === 'none';
  const env = scrubbedEnv({
    home: scratch.home,
    tmp: bare ? scratch.tmp : '/tmp',
    toolchains,
    network: run.network,
    extra: run.env ?? {},
  });
  if (bare) return { argv: [...limit.outside, ...argv], env, cwd };
  const view = await viewFor({
    writable: [...run.writable, scratch.home],
    readOnly: [...(run.readOnly ?? []), ...(run.network ? certificateFiles() : [])],
    hidden: run.hidden ?? [],
    tmp: scratch.tmp,
    toolchains,
    network: run.network,
  });
  const request = { view, cwd, network: run.network, argv, folder: scratch.folder };
  const wrapped =
    run.rung.name === 'bubblewrap'
      ? bubblewrapCommand(run.rung, request)
      : await unshareCommand(run.rung, request);
  return { argv: [...limit.outside, ...wrapped], env, cwd: '/' };
};
