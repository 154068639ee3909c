import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { conePatterns } from '../../workflows/domain/sparse.ts';

/**
 * What every git in a work tree of a sparse rig has to be told. On the command line and not in the repository's
 * configuration: the extension that gives each work tree one of its own would be switched on under gits that run.
 */
export const sparseFlags = (folders: readonly string[]): readonly string[] =>
  folders.length === 0 ? [] : ['-c', 'core.sparseCheckout=true', '-c', 'core.sparseCheckoutCone=true'];

/** Whether a work tree (by its folder in the repository) was made for these folders. */
export const isSparseFor = async (admin: string, folders: readonly string[]): Promise<boolean> =>
  (await readFile(patternsAt(admin), 'utf8').catch(() => undefined)) === conePatterns(folders);

/** Writes down which folders a work tree is to have; its next reset or checkout makes it so. */
export const makeSparse = async (admin: string, folders: readonly string[]): Promise<void> => {
  const patterns = conePatterns(folders);
  const path = patternsAt(admin);
  if (patterns === undefined) return rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, patterns);
};

const patternsAt = (admin: string): string => join(admin, 'info', 'sparse-checkout');
