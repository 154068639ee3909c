import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BeadRef } from '../../workflows/domain/naming.ts';
import type { Owner } from '../../workflows/domain/patrol/patrol.ts';
import type { Home } from '../home.ts';

/** What one patrol of one rig works with. */
export interface Beat {
  readonly rig: string;
  readonly home: Home;
  /** The town's bare repository of it. */
  readonly repo: string;
  readonly rigFolder: string;
  readonly caches: readonly string[];
  readonly sparse: readonly string[];
  readonly signal: AbortSignal;
  /** Asks the server who has this bead now. */
  readonly ownerOf: (bead: BeadRef) => Promise<Owner>;
}

/** Where things go that are about to be removed: out of their place in one step, so that nobody finds half of one. */
export const asideFolder = ({ rigFolder }: Pick<Beat, 'rigFolder'>): string => join(rigFolder, 'aside');

export const rigFolderOf = (home: Home, rig: string): string => dirname(home.repo(rig));

/** A sandbox run's folder as its processes name it: without links. */
export const runFolder = async ({ scratch }: Home, run: string): Promise<string> =>
  join(await realpath(scratch).catch(() => scratch), run);
