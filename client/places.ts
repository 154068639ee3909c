import { access, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { homeByLines } from '../deploy/config/home.ts';
import type { TownConfig } from '../deploy/config/index.ts';
import { InputRejected } from '../deploy/input/rejected.ts';
import { configHash, readRecord, type TownRecord } from '../deploy/town/record.ts';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

export interface Where {
  readonly home?: string | undefined;
  readonly config?: string | undefined;
}

/** A town as found on disk: where its files are, and how it is configured. */
export interface Place {
  readonly home: string;
  /** Undefined when only the home is known and its town has never been open, or when it has mistakes. */
  readonly config: TownConfig | undefined;
  /** The mistakes of a configuration without which the town was found all the same. */
  readonly fault: InputRejected | undefined;
  readonly record: TownRecord | undefined;
}

/**
 * Finds the town that a command means: --home and --config first, then GASTOWN_HOME, then the nearest gastown.yaml
 * from here upwards. Whoever stops or looks at a running town must not have to correct its configuration first: one with
 * mistakes is told as `fault` when the home's own `town.json` says enough. Throws `NoTown` (exit 2) when there is no
 * town, `InputRejected` for a configuration with mistakes that no town was opened with.
 */
export const findTown = async (where: Where, env = process.env, cwd = process.cwd()): Promise<Place> => {
  const home = where.home ?? (where.config === undefined ? env['GASTOWN_HOME'] : undefined);
  if (home !== undefined)
    return await placeAt(resolve(cwd, home), where.config && resolve(cwd, where.config));
  const file = where.config === undefined ? await nearestConfig(cwd) : resolve(cwd, where.config);
  if (file === undefined) throw noTown(cwd);
  const config = await readConfig(file);
  if (config instanceof Error) return await openedWith(file, config);
  return { home: config.home, config, fault: undefined, record: await readRecord(config.home) };
};

/**
 * The open town of a place without its configuration, which takes longer to check than all else of a quick command: only where
 * that is, to the byte, the one that the town was opened with, so that nothing is left to be said of it. Undefined
 * otherwise; `findTown` then says what is there.
 */
export const glanceAtTown = async (
  where: Where,
  env = process.env,
  cwd = process.cwd(),
): Promise<OpenPlace | undefined> => {
  const given = where.home ?? (where.config === undefined ? env['GASTOWN_HOME'] : undefined);
  const named = where.config === undefined ? undefined : resolve(cwd, where.config);
  const seen =
    given === undefined
      ? await seenFrom(named ?? (await nearestConfig(cwd)))
      : await seenIn(resolve(cwd, given), named);
  if (seen?.record.configHash === undefined || seen.record.state !== 'open') return;
  const { home, file, record } = seen;
  if (record.config !== file || record.configHash !== (await configHash(file))) return;
  return { home, config: undefined, fault: undefined, record };
};

export type OpenPlace = Place & { readonly record: TownRecord };

interface Seen {
  readonly home: string;
  readonly file: string;
  readonly record: TownRecord;
}

const seenFrom = async (file: string | undefined): Promise<Seen | undefined> => {
  if (file === undefined) return;
  const home = homeByLines(await readFile(file, 'utf8').catch(() => ''), file);
  const record = await readRecord(home);
  return record && { home, file, record };
};

const seenIn = async (home: string, named: string | undefined): Promise<Seen | undefined> => {
  const record = await readRecord(home);
  const file = named ?? record?.config;
  return record === undefined || file === undefined ? undefined : { home, file, record };
};

/** The configuration of a place that was only glanced at; undefined when it has none, or one with mistakes. */
export const configAt = async ({ config, record }: Place): Promise<TownConfig | undefined> => {
  if (config !== undefined || record?.config === undefined) return config;
  const read = await readConfig(record.config);
  return read instanceof Error ? undefined : read;
};

/** The configuration of a place, for commands that cannot do without it. Throws what is wrong with it. */
export const configOf = (place: Place): TownConfig => {
  if (place.config !== undefined) return place.config;
  if (place.fault !== undefined) throw place.fault;
  throw new ClientError(exitCode.badInput, {
    type: 'NoConfig',
    what: 'This command needs the town’s configuration, and the home alone does not name it.',
    evidence: `${place.home} has no town.json yet`,
    next: 'Add --config PATH/gastown.yaml.',
  });
};

const placeAt = async (home: string, given: string | undefined): Promise<Place> => {
  const record = await readRecord(home);
  const near = await nearestConfig(process.cwd());
  const file = given ?? record?.config ?? near;
  const config = file === undefined ? undefined : await readConfig(file);
  if (config instanceof Error) return { home, config: undefined, fault: config, record };
  return { home, config: config && { ...config, home }, fault: undefined, record };
};

/** The home is guessed from what can be read of the file, so its town must be one that was opened with this very file. */
const openedWith = async (file: string, fault: InputRejected): Promise<Place> => {
  const { guessHome } = await import('../deploy/config/index.ts');
  const home = await guessHome(file);
  const record = home === undefined ? undefined : await readRecord(home);
  if (home === undefined || record?.config !== file) throw fault;
  return { home, config: undefined, fault, record };
};

/** Loaded when needed: the schemas take 0.3 s, which help and mistyped commands need not pay. */
const readConfig = async (file: string): Promise<TownConfig | InputRejected> => {
  const { loadConfig } = await import('../deploy/config/index.ts');
  return await loadConfig(file).catch((error: unknown) => {
    if (error instanceof InputRejected) return error;
    throw error;
  });
};

/** The nearest gastown.yaml in this folder or one above it. */
export const nearestConfig = async (from: string): Promise<string | undefined> => {
  const file = join(from, 'gastown.yaml');
  const found = await access(file).then(
    () => true,
    () => false,
  );
  if (found) return file;
  return dirname(from) === from ? undefined : await nearestConfig(dirname(from));
};

const noTown = (cwd: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NoTown',
    what: 'There is no town here: no gastown.yaml (a town’s configuration) in this folder or above it.',
    evidence: `looked from ${cwd} upwards; GASTOWN_HOME is not set`,
    next: 'Go to a folder with a gastown.yaml, make one with `gt init` in your repository, pass --config FILE or --home FOLDER, or try `npm start` for a sample.',
  });
