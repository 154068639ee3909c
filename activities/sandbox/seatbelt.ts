import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { realPath } from './paths.ts';
import type { Rung } from './rung.ts';
import type { ViewRequest } from './view.ts';

/** What a profile of macOS is written from. All paths absolute and without symbolic links. */
export interface SeatbeltRules {
  readonly writable: readonly string[];
  readonly readOnly: readonly string[];
  readonly hidden: readonly string[];
  /** Single files that must not be read although a folder above them may. */
  readonly secrets: readonly string[];
  /** `host`: all of it; a number: that port of the loopback, where the proxy is, and nothing else. */
  readonly network: 'none' | 'host' | number;
}

/**
 * The profile in the language of `sandbox-exec`, in which the last rule that fits holds: everything may be read, then the
 * hidden folders not, then what is shown in them again; nothing may be written but the tree and the run's own folders, and
 * in those not the `.git` of the tree (G9).
 */
export const seatbeltProfile = (rules: SeatbeltRules): string => {
  const gitFiles = rules.writable.map((path) => join(path, '.git'));
  const shown = [...rules.readOnly, ...rules.writable];
  return [
    '(version 1)',
    '(deny default)',
    ...['process-fork', 'process-exec*', 'sysctl-read', 'pseudo-tty', 'ipc-posix-sem', 'ipc-posix-shm*'].map(
      (operation) => `(allow ${operation})`,
    ),
    '(allow signal (target same-sandbox))',
    '(allow process-info* (target same-sandbox))',
    ...services.map((name) => `(allow mach-lookup (global-name ${quoted(name)}))`),
    '(allow file-read*)',
    ...rules.hidden.map((path) => `(deny file-read* ${subpath(path)})`),
    // Names on the way to what is shown: every path is looked up from the root.
    ...above(shown).map((path) => `(allow file-read-metadata (literal ${quoted(path)}))`),
    ...shown.map((path) => `(allow file-read* ${subpath(path)})`),
    ...rules.writable.map((path) => `(allow file-write* ${subpath(path)})`),
    ...devices.map((path) => `(allow file-write-data file-ioctl (literal ${quoted(path)}))`),
    ...gitFiles.map((path) => `(deny file-write* ${subpath(path)})`),
    ...rules.secrets.map((path) => `(deny file-read* (literal ${quoted(path)}))`),
    ...networkRules(rules.network),
    '',
  ].join('\n');
};

/** The command line that starts `argv` under a profile for this run. */
export const seatbeltCommand = async (
  rung: Rung,
  request: ViewRequest & { readonly port: number | undefined; readonly argv: readonly string[] },
): Promise<readonly string[]> => {
  const profile = seatbeltProfile({
    writable: await existing([...request.writable, request.tmp]),
    readOnly: await existing([...request.readOnly, ...request.toolchains.roots]),
    hidden: await existing([...request.hidden, homedir(), ...privatePlaces]),
    secrets: await existing(request.toolchains.secrets),
    network: request.network ? 'host' : (request.port ?? 'none'),
  });
  return [rung.tool, '-p', profile, ...request.argv];
};

/** Everybody's homes and temporary files, and where sockets and keys of the machine are. */
const privatePlaces = [
  ...['/Users', '/Volumes', '/private/tmp', '/private/var/tmp', '/private/var/folders', '/private/var/run'],
  ...[
    '/private/var/root',
    '/private/var/db',
    '/Library/Keychains',
    '/private/etc/ssh',
    '/private/etc/sudoers',
  ],
];

/** Without these no program finds its user, its time zone or its log. */
const services = [
  'com.apple.system.opendirectoryd.libinfo',
  'com.apple.system.logger',
  'com.apple.system.notification_center',
  'com.apple.bsd.dirhelper',
];

const devices = ['/dev/null', '/dev/zero', '/dev/tty', '/dev/dtracehelper'];

/** Its own loopback cannot be told from the machine's: servers in tests work among themselves only with `host`. */
const networkRules = (network: SeatbeltRules['network']): readonly string[] => {
  if (network === 'host') return ['(allow network*)', '(allow mach-lookup)'];
  return network === 'none'
    ? ['(deny network*)']
    : ['(deny network*)', `(allow network-outbound (remote ip ${quoted(`localhost:${network}`)}))`];
};

const subpath = (path: string): string => `(subpath ${quoted(path)})`;

/** A string of the profile's language: a quote in the name of a folder must not end it. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const above = (paths: readonly string[]): readonly string[] => {
  const found = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) found.add(folder);
  }
  return [...found];
};

const existing = async (paths: readonly string[]): Promise<readonly string[]> => {
  const real = await Promise.all([...new Set(paths)].map(realPath));
  return [...new Set(real.filter((path) => path !== undefined))];
};
