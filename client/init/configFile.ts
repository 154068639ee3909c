import { randomBytes } from 'node:crypto';
import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { TownConfig } from '../../deploy/config/index.ts';
import { exitCode } from '../exitCodes.ts';
import type { Place } from '../places.ts';
import { ClientError } from '../trouble.ts';

/** Writes a new gastown.yaml after it has been read as the town will read it. Never over another file. */
export const writeNewConfig = async (file: string, text: string): Promise<TownConfig> => {
  const { parseConfig } = await import('../../deploy/config/index.ts');
  const config = parseConfig(text, file);
  await writeFile(file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    throw unwritable(file, error);
  });
  return config;
};

/**
 * Changes the text of a town's configuration. The new one is checked before it replaces the old as a whole, so that
 * nobody ever reads half of it, and a mistake leaves the file as it was.
 */
export const changeConfig = async (
  { config }: Pick<Place, 'config'>,
  change: (text: string) => string,
): Promise<TownConfig> => {
  // An editor's link to the file stays a link.
  const file = await realpath(config?.file ?? '');
  const text = change(await readFile(file, 'utf8'));
  const { parseConfig } = await import('../../deploy/config/index.ts');
  const changed = parseConfig(text, config?.file ?? file);
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    const { mode } = await stat(file);
    await writeFile(draft, text, { mode });
    await rename(draft, file);
  } catch (error) {
    throw unwritable(file, error as NodeJS.ErrnoException);
  } finally {
    await rm(draft, { force: true });
  }
  return changed;
};

const unwritable = (file: string, error: NodeJS.ErrnoException): ClientError =>
  new ClientError(error.code === 'EEXIST' ? exitCode.badInput : exitCode.failed, {
    type: 'ConfigNotWritten',
    what: `${file} cannot be written; it is as it was.`,
    evidence: error.message,
    next: 'Check who may write there, and the space on the disk; or say --config FILE for another place.',
  });
