import { writeFile } from 'node:fs/promises';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

/** Writes a text into a file that is not there yet; throws `CannotWrite`. */
export const writeNew = async (file: string, text: string): Promise<void> => {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    throw new ClientError(exitCode.badInput, {
      type: 'CannotWrite',
      what: `The file ${file} could not be written.`,
      evidence: (error as NodeJS.ErrnoException).message,
      next: 'Name a file that is not there yet, in a folder that you may write to.',
    });
  }
};
