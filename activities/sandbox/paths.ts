import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/** Whether `path` is `folder` or below it. Both absolute and normal. */
export const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** Without symbolic links; undefined for what does not exist or may not be seen. */
export const realPath = async (path: string): Promise<string | undefined> => {
  try {
    return await realpath(path);
  } catch {
    return undefined;
  }
};

/** Number of names in an absolute path: `/` has none. */
export const depthOf = (path: string): number => path.split(sep).filter((part) => part !== '').length;
