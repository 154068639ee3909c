import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellWord } from '../../workflows/domain/shellWord.ts';

/** A configuration and a plan that `npm start` can run, and what it says first. */
export interface Prepared extends AsyncDisposable {
  readonly configFile: string;
  readonly planFile: string;
  /** Lines that tell what is about to happen, and what in it is not real. */
  readonly opening: readonly string[];
  /** Where the landed commits are: a repository and its branch. */
  readonly repository: string;
  /** What becomes of the work when a person ends it early. */
  readonly stopped: string;
  /** What to try after this, as commands. */
  readonly next: readonly string[];
}

export const clone = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** How to call `gt` from here: outside the clone, `npx gt` would fetch somebody else's package of that name. */
export const gtCommand = (): string =>
  process.cwd() === clone
    ? 'npx gt'
    : `node ${shellWord(relative(process.cwd(), join(clone, 'client', 'gt.mjs')))}`;
