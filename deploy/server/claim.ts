import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, markOf, type ProcessMark } from '../town/processes.ts';
import { TownError } from '../town/trouble.ts';

/**
 * One server to a database file: two would overwrite each other's histories. `<dbFile>.claim` names the server and
 * who started it. A server whose starter is dead is an orphan (its watchdog was killed as well): it is ended here.
 * A server whose starter lives is in use, and starting another throws `DatabaseInUse`.
 */
export const endOrphan = async (dbFile: string): Promise<void> => {
  const claim = await readClaim(dbFile);
  if (claim === undefined || !(await isAlive(claim.server))) return;
  if (claim.starter.pid !== process.pid && (await isAlive(claim.starter)))
    throw new TownError({
      type: 'DatabaseInUse',
      what: 'Another program serves this Temporal database already.',
      evidence: `${dbFile} is served by process ${claim.server.pid}, started by process ${claim.starter.pid}`,
      next: 'Close that town first (`gt down`), or use another home.',
    });
  await endProcess(claim.server);
};

/** Writes down who serves the file from now on. */
export const claimDatabase = async (dbFile: string, serverPid: number): Promise<void> => {
  const [server, starter] = await Promise.all([markOf(serverPid), markOf(process.pid)]);
  if (server === undefined || starter === undefined) return;
  await writeFile(claimPath(dbFile), JSON.stringify({ server, starter } satisfies Claim));
};

export const releaseDatabase = async (dbFile: string): Promise<void> => {
  await rm(claimPath(dbFile), { force: true });
};

interface Claim {
  readonly server: ProcessMark;
  readonly starter: ProcessMark;
}

const claimPath = (dbFile: string): string => `${dbFile}.claim`;

const readClaim = async (dbFile: string): Promise<Claim | undefined> => {
  try {
    return JSON.parse(await readFile(claimPath(dbFile), 'utf8')) as Claim;
  } catch {
    return; // never served, or the writer was killed in the middle: the watchdog ends that server
  }
};

const endProcess = async (server: ProcessMark): Promise<void> => {
  for (const [signal, rounds] of [
    ['SIGTERM', 100],
    ['SIGKILL', 50],
  ] as const) {
    if (await isAlive(server)) process.kill(server.pid, signal);
    // Not our child, so nobody tells us when it ends.
    for (let round = 0; round < rounds; round++) {
      if (!(await isAlive(server))) return;
      await pause(100);
    }
  }
};
