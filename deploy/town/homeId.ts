import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TownError } from './trouble.ts';

/** The random name of a home, made on first use: paths can be the same on two machines, this cannot. */
export const ensureHomeId = async (home: string): Promise<string> => {
  await mkdir(home, { recursive: true });
  const draft = `${pathIn(home)}.${process.pid}`;
  await writeFile(draft, `${randomBytes(12).toString('hex')}\n`);
  try {
    // `link` fails when the name exists, so of two that race one wins and nobody reads half a file.
    await link(draft, pathIn(home));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return await readHomeId(home);
};

/**
 * Called by every worker before it polls. Throws `WrongHome` when `home` is not the one that the town was opened
 * with: its worktrees and blobs would be missing here, and its landings would come from the wrong repository.
 */
export const assertHome = async (home: string, expected: string): Promise<void> => {
  const found = await readHomeId(home).catch((error: NodeJS.ErrnoException) => error);
  if (found === expected) return;
  throw new TownError({
    type: 'WrongHome',
    what: 'This worker was started with another home (the folder with the town’s files) than its town.',
    evidence:
      found instanceof Error
        ? `${pathIn(home)}: ${found.message}; the town's home is ${expected}`
        : `${pathIn(home)} says ${found}; the town's home is ${expected}`,
    next: 'Start workers with `gt up` in the town’s folder, or pass the --home that `gt status` prints.',
  });
};

const readHomeId = async (home: string): Promise<string> => (await readFile(pathIn(home), 'utf8')).trim();

const pathIn = (home: string): string => join(home, 'home.id');
