import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Home } from '../home.ts';
import { isOid } from './bench.ts';

/**
 * Green results of full gate runs in clean slots, as files by (gate hash, tree), each with the machine that it was green on. Only the Refinery writes them, and lands by
 * them: a polecat's own green is a prior, not evidence (G3). Reds stand beside them as hints for beads that start.
 */
export interface Greens {
  /** With an environment: whether it was green in that very one. */
  has(gateHash: string, tree: string, environment?: string): Promise<boolean>;
  add(gateHash: string, tree: string, ms: number, environment?: string): Promise<void>;
  /** Whether the tree was red twice, and not green since. */
  hasRed(gateHash: string, tree: string): Promise<boolean>;
  addRed(gateHash: string, tree: string): Promise<void>;
}

export const greensOf = (home: Home, rig: string): Greens => {
  const pathOf = (gateHash: string, tree: string): string => {
    if (!/^[\w-]+$/.test(gateHash) || !isOid(tree))
      throw new Error(`no names for a green: ${gateHash} ${tree}`);
    return join(home.greens(rig), gateHash, tree);
  };
  return {
    has: (gateHash, tree, environment) =>
      readFile(pathOf(gateHash, tree), 'utf8').then(
        (text) =>
          text.startsWith('green') && (environment === undefined || text.split('\n')[1] === environment),
        () => false,
      ),
    async add(gateHash, tree, ms, environment = '') {
      const path = pathOf(gateHash, tree);
      await mkdir(dirname(path), { recursive: true });
      const draft = `${path}.${randomBytes(6).toString('hex')}`;
      await writeFile(draft, `green ${ms} ms\n${environment}\n`, { flag: 'wx' });
      await rename(draft, path);
      await rm(`${path}.red`, { force: true });
    },
    hasRed: (gateHash, tree) =>
      access(`${pathOf(gateHash, tree)}.red`).then(
        () => true,
        () => false,
      ),
    async addRed(gateHash, tree) {
      const path = pathOf(gateHash, tree);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.red`, '');
    },
  };
};
