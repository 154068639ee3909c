import { chmod, copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A git call at which something is killed. */
export interface Mine {
  readonly name: string;
  /** A shell pattern for the arguments, joined by spaces. */
  readonly args: string;
  /** A shell pattern for what the call reads on stdin. */
  readonly input?: string;
  /** A pattern that the input must not fit. */
  readonly unlike?: string;
  /** Path of a file that must be there. */
  readonly after?: string;
  /**
   * Who dies, and when: the worker before or after this git; git itself before it did anything or in its midst; the process that
   * starts gits, while this one goes on; worker and git, with a worktree that is half made or a ref transaction that holds its locks.
   */
  readonly blast:
    | 'worker-before'
    | 'worker-after'
    | 'git-before'
    | 'git-midway'
    | 'spawner-midway'
    | 'half-worktree'
    | 'prepared';
}

export interface Minefield {
  /** To be first on the PATH of workers. */
  readonly folder: string;
  lay(mine: Mine): Promise<void>;
  /** The arguments of the call that set off a mine. */
  calledWith(name: string): Promise<readonly string[]>;
  /** Names of mines that nobody stepped on yet. */
  left(): Promise<readonly string[]>;
}

/** Makes a folder with a `git` that goes off at the mines that are laid, each of them once. */
export const makeMinefield = async (folder: string): Promise<Minefield> => {
  await Promise.all(
    ['mines', 'fired', 'drafts'].map((name) => mkdir(join(folder, name), { recursive: true })),
  );
  await copyFile(fileURLToPath(new URL('./git.sh', import.meta.url)), join(folder, 'git'));
  await chmod(join(folder, 'git'), 0o755);
  return {
    folder,
    async lay({ name, ...texts }) {
      // Made beside the others and moved among them whole: gits are reading all the time.
      const draft = join(folder, 'drafts', name);
      await mkdir(draft);
      await Promise.all(
        Object.entries(texts).map(([file, text]) => writeFile(join(draft, file), `${text}\n`)),
      );
      await rename(draft, join(folder, 'mines', name));
    },
    // The first word is who called.
    calledWith: async (name) =>
      (await readFile(join(folder, 'fired', name, 'call'), 'utf8')).trim().split(' ').slice(1),
    left: () => readdir(join(folder, 'mines')),
  };
};
