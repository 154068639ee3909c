import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isSlug } from '../../workflows/domain/naming.ts';
import { here, type Surroundings } from './surroundings.ts';

/** The section `town` of a configuration, as far as it says where the town's files are. */
export interface TownSection {
  readonly name: string;
  readonly home?: string | undefined;
}

/** A town is called so when its configuration does not say otherwise. */
export const defaultName = 'town';

/** Absolute path of the folder with the files of a town that is configured in `file`. */
export const homeOf = ({ name, home }: TownSection, file: string, around: Surroundings): string =>
  home === undefined ? defaultHome(name, around) : pathBeside(file, home, around);

/** Where a town of this name has its files when its configuration does not say. */
export const homeOfTown = (name: string, file: string, around: Surroundings = here()): string =>
  homeOf({ name }, file, around);

/** A path as a configuration writes it: relative to its file, `~` is the person's own folder. */
export const pathBeside = (file: string, path: string, { homedir }: Surroundings): string =>
  resolve(dirname(file), path === '~' || path.startsWith('~/') ? join(homedir, path.slice(1)) : path);

/**
 * Where a configuration with mistakes most likely has its home: whoever closes a town, or looks at it, must not have to
 * correct the file first. A guess: check it against what is there. Undefined when the file cannot be read.
 */
export const guessHome = async (file: string, around: Surroundings = here()): Promise<string | undefined> => {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  return likelyHome(await townIn(text, file), file, around);
};

/** The same by the lines of its text alone: quick, and as good for a file that somebody has written by hand. */
export const homeByLines = (text: string, file: string, around: Surroundings = here()): string =>
  likelyHome(townByLines(text), file, around);

interface Likely {
  readonly name?: unknown;
  readonly home?: unknown;
}

const likelyHome = ({ name, home }: Likely, file: string, around: Surroundings): string => {
  const known = typeof name === 'string' && isSlug(name) ? name : defaultName;
  return homeOf({ name: known, home: typeof home === 'string' ? home : undefined }, file, around);
};

const townIn = async (text: string, file: string): Promise<Likely> => {
  const [{ valueAt }, { parseYaml }] = await Promise.all([
    import('../input/rawValue.ts'),
    import('../input/yamlSource.ts'),
  ]);
  try {
    const { value } = parseYaml(text, file, 'configuration');
    return { name: valueAt(value, ['town', 'name']), home: valueAt(value, ['town', 'home']) };
  } catch {
    // What is no sound YAML still has lines.
    return townByLines(text);
  }
};

const townByLines = (text: string): Likely => {
  const inline = /^town:[ \t]*\{(.*)\}[ \t]*(?:#.*)?\r?$/m.exec(text)?.[1];
  const section =
    inline?.replaceAll(/^|,/g, '\n ') ??
    /^town:[ \t]*(?:#.*)?$((?:\r?\n(?:[ \t].*)?)*)/m.exec(text)?.[1] ??
    '';
  return { name: valueIn(section, 'name'), home: valueIn(section, 'home') };
};

const valueIn = (section: string, key: string): string | undefined => {
  const found = new RegExp(
    `^[ \\t]+${key}:[ \\t]+(?:"([^"]+)"|'([^']+)'|([^\\s#"'].*?))[ \\t]*(?:[ \\t]#.*)?$`,
    'm',
  ).exec(section.replaceAll('\r', ''));
  return found?.slice(1).find((value) => value !== undefined);
};

/** `$GASTOWN_HOME`, else a folder in XDG's state folder, which is ignored when it is relative, as XDG says. */
const defaultHome = (name: string, { env, homedir }: Surroundings): string => {
  const given = env['GASTOWN_HOME'];
  if (given !== undefined && given !== '') return resolve(given);
  const state = env['XDG_STATE_HOME'];
  const base = state !== undefined && isAbsolute(state) ? state : join(homedir, '.local', 'state');
  return join(base, 'gastown', name);
};
