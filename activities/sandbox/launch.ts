import { join } from 'node:path';
import { ownServices } from '../../workflows/domain/sandbox/network.ts';
import { bubblewrapCommand } from './bubblewrap.ts';
import { certificateFiles, scrubbedEnv } from './environment.ts';
import { openFixtures } from './fixtures.ts';
import type { HeldLimits } from './limits.ts';
import type { Proxy } from './network/proxy.ts';
import { relayed, relayPort } from './network/relay.ts';
import { realPath } from './paths.ts';
import type { SandboxRun } from './run.ts';
import type { Scratch } from './scratch.ts';
import { seatbeltCommand } from './seatbelt.ts';
import { findToolchains } from './toolchains.ts';
import { unshareCommand } from './unshare.ts';
import { viewFor } from './view.ts';

/** What to spawn for a run. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

/**
 * Says that the sandbox stands, waits until it has been taken into its control group, runs the command as a child, and
 * passes its exit code on.
 */
const launcher = ({ ulimits, admit }: HeldLimits, locale: string): string =>
  `${locale}${ulimits} echo started >&3; ${admit === undefined ? '' : 'read go <&3 || exit 126; '}"$@" 2>&1 3>&-; exit $?`;

/** The tools that make a sandbox would read files of a locale for a third of their time; the command has its own again. */
const plainLocale = { LANG: 'C', LC_ALL: 'C' };
const localeOf = ({ LANG = '', LC_ALL = '' }: Record<string, string>): string =>
  `export LANG=${quoted(LANG)} LC_ALL=${quoted(LC_ALL)}; `;
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The command line and environment that put a run's command into its rung. */
export const launchFor = async (
  run: SandboxRun,
  scratch: Scratch,
  held: HeldLimits,
  proxy: Proxy | undefined,
): Promise<Launch> => {
  const [real, toolchains] = await Promise.all([
    realPath(run.cwd),
    findToolchains([scratch.folder, ...run.writable]),
  ]);
  const cwd = real ?? run.cwd;
  const command = typeof run.command === 'string' ? ['sh', '-c', run.command] : run.command;
  // Where the sandbox has its own /tmp, the socket is in it.
  const isIn = proxy !== undefined && 'socket' in proxy.at;
  const inner = isIn ? relayed(join('/tmp', proxy.name), ownServices(run.network), command) : command;
  const ownTmp = run.rung.name === 'bubblewrap' || run.rung.name === 'unshare';
  const env = scrubbedEnv({
    home: scratch.home,
    tmp: ownTmp ? '/tmp' : scratch.tmp,
    toolchains,
    network: run.network !== false,
    proxy: proxy && `http://127.0.0.1:${'port' in proxy.at ? proxy.at.port : relayPort}`,
    extra: run.env ?? {},
  });
  const argv = ['sh', '-c', launcher(held, localeOf(env)), 'sh', ...held.inside, ...inner];
  if (run.rung.name === 'none') return { argv, env, cwd };
  const shareNetwork = run.network === 'host';
  const parts = {
    writable: [...run.writable, scratch.home],
    readOnly: [...(run.readOnly ?? []), ...(run.network === false ? [] : certificateFiles())],
    hidden: run.hidden ?? [],
    tmp: scratch.tmp,
    toolchains,
    network: shareNetwork,
  };
  if (run.rung.name === 'sandbox-exec') {
    const port = proxy !== undefined && 'port' in proxy.at ? proxy.at.port : undefined;
    const wrapped = await seatbeltCommand(run.rung, { ...parts, port, argv });
    return { argv: wrapped, env, cwd };
  }
  const [view, fixtures] = await Promise.all([viewFor(parts), openFixtures(run.scratch)]);
  const request = {
    ...{ view, cwd, network: shareNetwork, argv, folder: scratch.folder },
    ...{ shmMiB: held.limits.shmMiB, fixtures },
  };
  const wrapped =
    run.rung.name === 'bubblewrap'
      ? bubblewrapCommand(run.rung, request)
      : await unshareCommand(run.rung, request);
  return { argv: wrapped, env: { ...env, ...plainLocale }, cwd: '/' };
};
