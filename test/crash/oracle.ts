import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { homeAt } from '../../activities/home.ts';
import type { ConvoyResult } from '../../workflows/domain/convoy.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { ConvoyStatus } from '../../workflows/domain/report/report.ts';
import { repoAt } from '../support/repo.ts';
import type { CrashTown } from './crashTown.ts';
import { tenBeads } from './tenBeads.ts';

/** No bead was given up: whatever was killed was done again. Before the town is closed, which tells why if not. */
export const expectAllLanded = async (
  town: CrashTown,
  convoy: string,
  result: ConvoyResult,
): Promise<void> => {
  const status = (): Promise<ConvoyStatus> =>
    town.client().workflow.getHandle(workflowId.convoy(convoy)).query('convoyStatus');
  const failures = result.blocked === 0 ? [] : (await status()).epics.flatMap((epic) => epic.beads);
  const blocked = failures.filter(({ state }) => state === 'blocked');
  expect(result, JSON.stringify(blocked, undefined, 1)).toMatchObject({ landed: 10, blocked: 0, held: 0 });
};

/** G1, G5: each bead is on main by exactly one commit, and its work is there. */
export const expectLandedOnce = async ({ repo }: CrashTown, convoy: string): Promise<void> => {
  const text = await repo.git('log', '--format=%(trailers:key=Bead,valueonly)', 'main');
  const landed = text.split('\n').filter((line) => line !== '');
  expect(landed.sort()).toEqual(tenBeads.map(({ id }) => `${convoy}/${convoy}/${id}`).sort());
  const list = await repo.show('main', 'src/list.txt');
  expect(list).toBe('first\nline of left\nline of right\n');
  for (const { id, files } of tenBeads) {
    if (files?.[0] !== 'src/list.txt')
      expect(await repo.show('main', `src/${id}.txt`)).toBe(`work of ${id}\n`);
  }
};

/** G2: every commit that main ever pointed to passes the gate in a fresh checkout. */
export const expectGreenMain = async ({ repo }: Pick<CrashTown, 'repo'>): Promise<void> => {
  const commits = (await repo.git('rev-list', '--first-parent', 'main')).split('\n').filter(Boolean);
  const red = await Promise.all(commits.map((commit) => checkFresh(repo.path, commit)));
  expect(red.filter((one) => one !== undefined)).toEqual([]);
};

/** G5: after closing, nothing is left that a later town would meet. */
export const expectNothingLeft = async ({ home, folder }: CrashTown): Promise<void> => {
  const at = homeAt(home);
  const bare = at.repo('rig');
  const repo = repoAt(bare);
  expect(await processesOf(folder)).toEqual([]);
  expect(await repo.git('for-each-ref', '--format=%(refname)', 'refs/heads/', 'refs/gt/base/')).toBe('');
  expect(await readdir(join(home, 'rigs/rig/worktrees')).catch(() => [])).toEqual([]);
  const names = await readdir(bare, { recursive: true });
  expect(names.filter((name) => name.endsWith('.lock') && !name.startsWith('objects/'))).toEqual([]);
  const registered = await Promise.all(
    (await readdir(join(bare, 'worktrees'))).map((id) =>
      readFile(join(bare, 'worktrees', id, 'gitdir'), 'utf8'),
    ),
  );
  const slots = join(home, 'rigs/rig/slots');
  expect(registered.map((path) => path.trim()).filter((path) => !path.startsWith(slots))).toEqual([]);
  // A claim of a dead process is no claim: the next that looks takes the slot.
  for (const text of await slotHolders(repo))
    expect(isAlive((JSON.parse(text) as { pid: number }).pid)).toBe(false);
};

/** Processes whose command line, folder or environment names a folder, each as a line. */
export const processesOf = async (folder: string): Promise<readonly string[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(
    pids.map(async (pid) => {
      const [command, cwd, environment] = await Promise.all([
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
        readlink(`/proc/${pid}/cwd`).catch(() => ''),
        readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      ]);
      const isTowns = [command, cwd, environment].some((text) => text.includes(folder));
      return isTowns ? `${pid} ${command.replaceAll('\0', ' ').trim()}` : undefined;
    }),
  );
  return lines.filter((line) => line !== undefined);
};

const execute = promisify(execFile);

/** What the gate says of a commit in an empty folder; undefined when it is green. */
const checkFresh = async (repo: string, commit: string): Promise<string | undefined> => {
  const folder = await mkdtemp(join(tmpdir(), 'gastown-fresh-'));
  try {
    await execute('sh', ['-c', `git -C "${repo}" archive ${commit} | tar x`], { cwd: folder });
    await execute('sh', ['check.sh'], { cwd: folder });
    return undefined;
  } catch (error) {
    return `${commit}: ${String(error)}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const slotHolders = async (repo: ReturnType<typeof repoAt>): Promise<readonly string[]> => {
  const oids = (await repo.git('for-each-ref', '--format=%(objectname)', 'refs/gt/slot/')).split('\n');
  return Promise.all(oids.filter(Boolean).map((oid) => repo.git('cat-file', 'blob', oid)));
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
