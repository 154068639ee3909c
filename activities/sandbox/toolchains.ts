import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { isInside } from './paths.ts';

/** The programs that commands may use: where they are looked for, and which folders of a hidden home they need. */
export interface Toolchains {
  readonly path: readonly string[];
  /** Folders that must stay visible although a folder above them is hidden. */
  readonly roots: readonly string[];
  /** Files inside the roots that hold credentials. */
  readonly secrets: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Reads PATH as the worker has it. Dropped are relative and missing folders, mounted Windows drives, and whatever is
 * inside `banned`, where a model could have put a program of its own.
 */
export const findToolchains = async (banned: readonly string[]): Promise<Toolchains> => {
  const now = performance.now();
  // Looking at some fifty folders takes longer than starting a process, and they seldom change.
  if (last === undefined || last.from !== process.env.PATH || now - last.at > 10_000) {
    last = { from: process.env.PATH, at: now, found: lookForToolchains() };
  }
  const found = await last.found;
  return {
    ...found,
    path: found.path.filter((folder) => !banned.some((ban) => isInside(folder, ban))),
    roots: found.roots.filter((folder) => !banned.some((ban) => isInside(folder, ban))),
  };
};

let last:
  | { readonly from: string | undefined; readonly at: number; readonly found: Promise<Toolchains> }
  | undefined;

const lookForToolchains = async (): Promise<Toolchains> => {
  const home = await realpath(homedir()).catch(() => homedir());
  // The interpreter that runs the town is always there, last, so that a system one wins.
  // npm puts the programs of its packages, here the town's, before everything; a rig must not find those for its own.
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !/\/node_modules\//.test(folder));
  const named = [...onPath, dirname(process.execPath), ...systemFolders];
  const found = await Promise.all(
    [...new Set(named)].filter((folder) => isAbsolute(folder) && !/^\/mnt\/[a-z]\//.test(folder)).map(real),
  );
  const path = [...new Set(found.filter((folder) => folder !== undefined))];
  const known = (await Promise.all(knownRoots.map((name) => real(join(home, name))))).filter(
    (root) => root !== undefined,
  );
  const others = path
    .filter((folder) => !known.some((root) => isInside(folder, root)))
    .map((folder) => (/^\.?s?bin$|^shims$/.test(basename(folder)) ? aboveBin(folder, home) : folder));
  return {
    path,
    roots: [...known, ...others],
    secrets: credentials.map((name) => join(home, name)),
    env: await toolEnv(home),
  };
};

const systemFolders = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Where version managers and package managers keep programs, relative to the user's home. */
const knownRoots = [
  ...['.nvm', '.fnm', '.n', '.volta', '.asdf', '.bun/bin', '.deno/bin', '.pyenv', '.rbenv', '.rvm', '.goenv'],
  ...[
    '.cargo',
    '.rustup',
    'go/bin',
    'go/pkg',
    '.sdkman',
    '.jenv',
    '.rye',
    '.ghcup',
    '.opam',
    '.dotnet',
    '.juliaup',
  ],
  ...['.local/bin', '.local/lib', 'miniconda3', 'anaconda3', '.nix-profile', '.nodenv', '.phpenv', '.mix'],
  ...['pipx', 'pnpm', 'uv', 'mise', 'rtx', 'fnm', 'virtualenvs', 'pypoetry'].map(
    (name) => `.local/share/${name}`,
  ),
];

const credentials = ['.cargo/credentials', '.cargo/credentials.toml', '.sdkman/etc/config'];

/** Variables by which tools find themselves when HOME is an empty folder. */
const toolEnv = async (home: string): Promise<Record<string, string>> => {
  const wanted: Readonly<Record<string, string>> = {
    CARGO_HOME: '.cargo',
    RUSTUP_HOME: '.rustup',
    PYENV_ROOT: '.pyenv',
    RBENV_ROOT: '.rbenv',
    NVM_DIR: '.nvm',
    VOLTA_HOME: '.volta',
    ASDF_DATA_DIR: '.asdf',
    SDKMAN_DIR: '.sdkman',
    GOMODCACHE: 'go/pkg/mod',
  };
  const entries = await Promise.all(
    Object.entries(wanted).map(async ([name, folder]) => [name, await real(join(home, folder))] as const),
  );
  const known = entries.filter((entry): entry is [string, string] => entry[1] !== undefined);
  const kept = ['JAVA_HOME', 'GOROOT'].flatMap((name) => {
    const value = process.env[name];
    return value !== undefined && isAbsolute(value) ? [[name, value] as const] : [];
  });
  return Object.fromEntries([...known, ...kept]);
};

/** `<tool>/bin` needs its neighbours (`lib`, `share`), unless that would show a whole home. */
const aboveBin = (folder: string, home: string): string => {
  const above = dirname(folder);
  const tooWide = isInside(home, above) || ['/', '/tmp', '/home', '/run', '/mnt', '/var'].includes(above);
  return tooWide ? folder : above;
};

const real = async (path: string): Promise<string | undefined> => {
  try {
    await access(path, constants.X_OK);
    return await realpath(path);
  } catch {
    return undefined;
  }
};
