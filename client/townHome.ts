import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

/** Throws `NoTown` (exit 2) for a folder that has never been a town's home, or is one no more. */
export const assertTownHome = async (home: string): Promise<void> => {
  const found = await stat(join(home, 'home.id')).catch(() => undefined);
  if (found?.isFile()) return;
  throw new ClientError(exitCode.badInput, {
    type: 'NoTown',
    what: 'This folder is not a town’s home, so nothing was done.',
    evidence: `${home} has no file home.id`,
    next: 'Name the folder that `gt status` shows, with --home FOLDER; a town that has never been open has none yet.',
  });
};
