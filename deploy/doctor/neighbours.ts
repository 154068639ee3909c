import { execFile } from 'node:child_process';
import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isPoor, isWell } from '../../workflows/domain/finding.ts';
import { loadConfig } from '../config/load.ts';
import type { TownConfig } from '../config/townConfig.ts';
import { isOpen } from '../town/owner.ts';
import { readRecord } from '../town/record.ts';
import { type Configured, type Diagnosis, isConfigured, type Patient } from './patient.ts';

/**
 * Other open towns of this user. Each has its own server, ports, namespace and home, so they do not disturb each other,
 * but for what both are configured to use: a host, whose memory only one of them can rule (G8), or a repository.
 */
export async function* checkNeighbours(patient: Patient): AsyncGenerator<Diagnosis> {
  if (!isConfigured(patient)) return;
  for (const other of await openNeighbours(patient)) {
    const check = `town ${other.name}`;
    const hosts = other.hosts.filter(({ url }) => patient.config.hosts.some((own) => own.url === url));
    const rigs = await sharedRigs(patient.config, other);
    if (hosts.length > 0)
      yield isPoor(check, {
        what: `It is open and uses the same host: each would unload what the other has loaded.`,
        evidence: `${other.file}: ${hosts.map(({ name, url }) => `hosts.${name} is ${url}`).join(', ')}`,
        fix: 'Close one of the towns (gt down), or give each its own hosts',
      });
    if (rigs.length > 0)
      yield isPoor(check, {
        what: 'It is open and works on the same branch of the same repository. Nothing is lost by that, but each landing of one makes the other test again.',
        evidence: `${other.file}: ${rigs.join(', ')}`,
        fix: 'Let one town have the repository',
      });
    if (hosts.length + rigs.length === 0)
      yield isWell(check, 'open beside this one, and shares nothing with it', other.file);
  }
}

/** By the processes of this machine where they can be seen, and by the folders where homes are by default. */
const openNeighbours = async ({ home, env }: Configured): Promise<readonly TownConfig[]> => {
  const state = env['XDG_STATE_HOME'] || join(env['HOME'] ?? '/', '.local', 'state');
  const folders = [...new Set([dirname(home), join(state, 'gastown')])];
  const beside = await Promise.all(
    folders.map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name))),
  );
  const homes = new Set([...(await homesAtWork()), ...beside.flat()]);
  homes.delete(home);
  const found = await Promise.all([...homes].map(openTownIn));
  return found.filter((other) => other !== undefined);
};

/** Workers are started with their home. Other users' are seen as well, and then cannot be read. */
const homesAtWork = async (): Promise<readonly string[]> => {
  const shown = promisify(execFile)('ps', ['-A', '-ww', '-o', 'args='], {
    maxBuffer: 2 ** 24,
    timeout: 5_000,
  });
  const { stdout } = await shown.catch(() => ({ stdout: '' }));
  return [...stdout.matchAll(/workers\/town\.ts --home (.+?) --home-id /g)].flatMap(([, home]) => home ?? []);
};

const openTownIn = async (home: string): Promise<TownConfig | undefined> => {
  const record = await readRecord(home);
  if (record?.config === undefined || !(await isOpen(record))) return;
  return await loadConfig(record.config).catch(() => undefined);
};

const sharedRigs = async (own: TownConfig, other: TownConfig): Promise<readonly string[]> => {
  const placeOf = async (source: string): Promise<string> => await realpath(source).catch(() => source);
  const ours = await Promise.all(
    own.rigs.map(async ({ source, branch }) => `${await placeOf(source)} ${branch}`),
  );
  const theirs = await Promise.all(
    other.rigs.map(async ({ name, source, branch }) => ({ name, key: `${await placeOf(source)} ${branch}` })),
  );
  return theirs.filter(({ key }) => ours.includes(key)).map(({ name, key }) => `rigs.${name} is ${key}`);
};
