import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** Path of a system tool; undefined when this machine has none. What was found once is not looked for again. */
export const findProgram = (name: string): Promise<string | undefined> => {
  const known = found.get(name);
  if (known !== undefined) return known;
  const looked = lookFor(name).then((path) => {
    if (path === undefined) found.delete(name);
    return path;
  });
  found.set(name, looked);
  return looked;
};

const found = new Map<string, Promise<string | undefined>>();

const lookFor = async (name: string): Promise<string | undefined> => {
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
