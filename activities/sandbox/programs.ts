import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** Path of a system tool; undefined when this machine has none. */
export const findProgram = async (name: string): Promise<string | undefined> => {
  const folders = [...system, ...(process.env.PATH ?? '').split(delimiter).filter(isAbsolute)];
  for (const folder of folders) {
    const path = join(folder, name);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return undefined;
};

const system = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];
