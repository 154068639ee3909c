import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { homeByLines } from '../../deploy/config/home.ts';
import { readRecord } from '../../deploy/town/record.ts';
import { addresseesOf } from '../../workflows/domain/mail/addressee.ts';
import { isSlug } from '../../workflows/domain/naming.ts';
import { nearestConfig, type Where } from '../places.ts';

/** What an argument names. `targets` are convoys, epics and beads, `groups` convoys and epics; `addressees` get letters. */
export const nameKinds = [
  'convoys',
  'epics',
  'beads',
  'groups',
  'targets',
  'addressees',
  'plans',
  'rigs',
  'hosts',
] as const;
export type NameKind = (typeof nameKinds)[number];

/**
 * Names that a shell may offer, from what lies on the disk: somebody who presses Tab does not wait for a server, and a closed town
 * has names as well. Only slugs and slashes, which mean nothing to any shell (G9).
 */
export const namesOf = async (
  kind: NameKind,
  where: Where,
  env = process.env,
  cwd = process.cwd(),
): Promise<readonly string[]> => {
  const { home, file } = await placeOf(where, env, cwd);
  const keys = async (section: string): Promise<readonly string[]> =>
    keysOf(file === undefined ? '' : await readFile(file, 'utf8').catch(() => ''), section);
  if (kind === 'rigs' || kind === 'hosts') return await keys(kind);
  if (home === undefined) return [];
  if (kind === 'plans')
    return (await entriesOf(join(home, 'plans')))
      .map((name) => name.replace(/\.yaml$/, ''))
      .filter(isSlug)
      .toSorted();
  const beads = await beadsOf(home);
  if (kind === 'addressees') return [...addresseesOf(await keys('rigs')), ...beads];
  const [convoys, epics] = [beginningsOf(beads, 1), beginningsOf(beads, 2)];
  const groups = [...convoys, ...epics];
  return { convoys, epics, beads, groups, targets: [...groups, ...beads] }[kind];
};

interface Found {
  readonly home: string | undefined;
  readonly file: string | undefined;
}

/** As `findTown`, by the lines of the configuration alone. */
const placeOf = async (where: Where, env: NodeJS.ProcessEnv, cwd: string): Promise<Found> => {
  const given = where.home ?? (where.config === undefined ? env['GASTOWN_HOME'] : undefined);
  const named = where.config === undefined ? undefined : resolve(cwd, where.config);
  if (given !== undefined) {
    const home = resolve(cwd, given);
    return { home, file: named ?? (await readRecord(home))?.config ?? (await nearestConfig(cwd)) };
  }
  const file = named ?? (await nearestConfig(cwd));
  const text = file === undefined ? undefined : await readFile(file, 'utf8').catch(() => undefined);
  return file === undefined || text === undefined
    ? { home: undefined, file: undefined }
    : { home: homeByLines(text, file), file };
};

/** Beads that have a transcript or a worktree. */
const beadsOf = async (home: string): Promise<readonly string[]> => {
  const rigs = await entriesOf(join(home, 'rigs'));
  const found = await Promise.all([
    keysUnder(join(home, 'transcripts'), '.jsonl'),
    ...rigs.map((rig) => keysUnder(join(home, 'rigs', rig, 'worktrees'), '')),
  ]);
  return [...new Set(found.flat())].toSorted();
};

/** CONVOY/EPIC/BEAD by folders, no deeper: a worktree may be large. */
const keysUnder = async (folder: string, ending: string): Promise<readonly string[]> => {
  const below = async (path: string): Promise<readonly string[]> =>
    (await entriesOf(join(folder, path))).map((name) => join(path, name));
  const convoys = await below('');
  const epics = (await Promise.all(convoys.map(below))).flat();
  const beads = (await Promise.all(epics.map(below))).flat();
  return beads
    .filter((key) => key.endsWith(ending))
    .map((key) => key.slice(0, key.length - ending.length))
    .filter((key) => key.split('/').every(isSlug));
};

const entriesOf = async (folder: string): Promise<readonly string[]> => await readdir(folder).catch(() => []);

const beginningsOf = (keys: readonly string[], parts: number): readonly string[] => [
  ...new Set(keys.map((key) => key.split('/').slice(0, parts).join('/'))),
];

/** The keys of a section, by its lines: reading YAML takes longer than a person waits for Tab. */
const keysOf = (text: string, section: string): readonly string[] => {
  const lines = text.split(/\r?\n/);
  const from = lines.findIndex((line) => new RegExp(`^${section}:\\s*(?:#.*)?$`).test(line));
  if (from < 0) return [];
  const rest = lines.slice(from + 1);
  const end = rest.findIndex((line) => /^[^\s#]/.test(line));
  const inside = end < 0 ? rest : rest.slice(0, end);
  const indent = inside.map((line) => /^( +)[^\s#]/.exec(line)?.[1]).find((found) => found !== undefined);
  return inside
    .map((line) => /^( +)(["']?)([a-z0-9-]+)\2:/.exec(line))
    .flatMap((found) =>
      found !== null && found[1] === indent && isSlug(found[3] ?? '') ? [found[3] ?? ''] : [],
    );
};
