import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { TownConfig } from '../deploy/config/index.ts';
import { readRecord, type TownRecord } from '../deploy/town/record.ts';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

export interface Where {
  readonly home?: string | undefined;
  readonly config?: string | undefined;
}

/** A town as found on disk: where its files are, and how it is configured. */
export interface Place {
  readonly home: string;
  /** Undefined when only the home is known and its town has never been open. */
  readonly config: TownConfig | undefined;
  readonly record: TownRecord | undefined;
}

/**
 * Finds the town that a command means: --home and --config first, then GASTOWN_HOME, then the nearest gastown.yaml
 * from here upwards. Throws `NoTown` (exit 2) when there is none, `InputRejected` for a configuration with mistakes.
 */
export const findTown = async (where: Where, env = process.env, cwd = process.cwd()): Promise<Place> => {
  const home = where.home ?? (where.config === undefined ? env['GASTOWN_HOME'] : undefined);
  if (home !== undefined)
    return await placeAt(resolve(cwd, home), where.config && resolve(cwd, where.config));
  const file = where.config === undefined ? await upwards(cwd) : resolve(cwd, where.config);
  if (file === undefined) throw noTown(cwd);
  const config = await loadConfig(file);
  return { home: config.home, config, record: await readRecord(config.home) };
};

/** The configuration of a place, which most commands that change something need. */
export const configOf = (place: Place): TownConfig => {
  if (place.config !== undefined) return place.config;
  throw new ClientError(exitCode.badInput, {
    type: 'NoConfig',
    what: 'This command needs the town’s configuration, and the home alone does not name it.',
    evidence: `${place.home} has no town.json yet`,
    next: 'Add --config PATH/gastown.yaml.',
  });
};

const placeAt = async (home: string, given: string | undefined): Promise<Place> => {
  const record = await readRecord(home);
  const near = await upwards(process.cwd());
  const file = given ?? record?.config ?? near;
  const config = file === undefined ? undefined : { ...(await loadConfig(file)), home };
  return { home, config, record };
};

/** Loaded when needed: the schemas take 0.3 s, which help and mistyped commands need not pay. */
const loadConfig = async (file: string): Promise<TownConfig> =>
  (await import('../deploy/config/index.ts')).loadConfig(file);

/** The nearest gastown.yaml in this folder or one above it. */
const upwards = async (from: string): Promise<string | undefined> => {
  const file = join(from, 'gastown.yaml');
  const found = await access(file).then(
    () => true,
    () => false,
  );
  if (found) return file;
  return dirname(from) === from ? undefined : await upwards(dirname(from));
};

const noTown = (cwd: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NoTown',
    what: 'There is no town here: no gastown.yaml (a town’s configuration) in this folder or above it.',
    evidence: `looked from ${cwd} upwards; GASTOWN_HOME is not set`,
    next: 'Go to a folder with a gastown.yaml, pass --config FILE or --home FOLDER, or try `npm start` for a sample.',
  });
