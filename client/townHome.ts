import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCode } from './exitCodes.ts';
import type { Place, Where } from './places.ts';
import { ClientError } from './trouble.ts';

/**
 * Throws `TownDown` (exit 3) for the home of a configuration whose town has never been open, and `NoTown` (exit 2) for a folder
 * that somebody named and that is no town's home.
 */
export const assertTownHome = async ({ home, config }: Place, where: Where): Promise<void> => {
  const found = await stat(join(home, 'home.id')).catch(() => undefined);
  if (found?.isFile()) return;
  if (config !== undefined && where.home === undefined && process.env['GASTOWN_HOME'] === undefined)
    throw neverOpen(home);
  throw new ClientError(exitCode.badInput, {
    type: 'NoTown',
    what: 'This folder is not a town’s home, so nothing was done.',
    evidence: `${home} has no file home.id`,
    next: 'Name the folder that `gt status` shows, with --home FOLDER; a town that has never been open has none yet.',
  });
};

const neverOpen = (home: string): ClientError =>
  new ClientError(exitCode.townDown, {
    type: 'TownDown',
    what: 'The town has never been open, so it has no folder yet.',
    evidence: `${home} has no file home.id`,
    next: 'Open it with `gt up`; there is nothing to measure or to delete before.',
  });
