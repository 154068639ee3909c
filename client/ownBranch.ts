import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { isAbsolute, sep } from 'node:path';
import type { TownConfig } from '../deploy/config/index.ts';
import { nearest } from '../workflows/domain/nearest.ts';
import type { RigSettings } from '../workflows/domain/rig.ts';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

/** By name; else the rig whose folder this is, else the only one. */
export const rigMeant = async (config: TownConfig, name: string | undefined): Promise<RigSettings> => {
  const { rigs } = config;
  const known = rigs.map((rig) => rig.name);
  if (name !== undefined) {
    const found = rigs.find((rig) => rig.name === name);
    if (found !== undefined) return found;
    const meant = nearest(name, known);
    throw unclear(
      `The town has no rig ${JSON.stringify(name.slice(0, 60))}.`,
      known,
      meant === undefined ? 'Name one of these.' : `Did you mean ${meant}?`,
    );
  }
  const here = await realpath(process.cwd());
  for (const rig of rigs) {
    if (!isAbsolute(rig.source)) continue;
    const folder = await realpath(rig.source).catch(() => undefined);
    if (folder !== undefined && (here === folder || here.startsWith(folder + sep))) return rig;
  }
  const [only, ...others] = rigs;
  if (only !== undefined && others.length === 0) return only;
  throw unclear('It is not clear which rig (repository) is meant.', known, 'Name it with --rig.');
};

const unclear = (what: string, known: readonly string[], next: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadName',
    what,
    evidence: `its rigs: ${known.join(', ')}`,
    next,
  });

/** A slug for a branch; two branches never share one. */
export const ownBranchName = (branch: string): string => {
  const plain = branch
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 31)
    .replaceAll(/-+$/g, '');
  if (plain === branch) return plain;
  const hash = createHash('sha256').update(branch).digest('hex').slice(0, 8);
  return plain === '' ? hash : `${plain}-${hash}`;
};
