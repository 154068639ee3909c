import { isIll, isPoor, isWell } from '../../workflows/domain/finding.ts';
import { endLeftovers } from '../town/leftovers.ts';
import { lockTown } from '../town/lock.ts';
import { isAlive } from '../town/processes.ts';
import { readRecord, type TownRecord, writeRecord } from '../town/record.ts';
import { townVersion } from '../town/version.ts';
import { type Diagnosis, mendable, type Patient } from './patient.ts';

const check = 'home';

/** The town's folder: whose it is, and what a killed town left in it. */
export async function* checkHome({ home, record, open, config }: Patient): AsyncGenerator<Diagnosis> {
  if (home === undefined) return;
  if (record === undefined) {
    yield isWell(check, 'no town has been open here yet', home);
    return;
  }
  if (config !== undefined && record.name !== config.name)
    yield isIll(check, {
      what: `This home belongs to the town ${record.name}, and the configuration describes ${config.name}.`,
      evidence: `${home}/town.json was written for ${record.config ?? 'another configuration'}`,
      fix: `Give ${config.name} a home of its own: town.home in gastown.yaml`,
    });
  if (open) {
    yield* checkProcesses(home, record);
    return;
  }
  yield record.state === 'closed' ? isWell(check, 'the town is closed', home) : killed(home, record);
}

async function* checkProcesses(home: string, record: TownRecord): AsyncGenerator<Diagnosis> {
  const seen = await Promise.all(record.pids.map(async (one) => ({ ...one, alive: await isAlive(one) })));
  const dead = seen.filter(({ alive }) => !alive);
  yield dead.length === 0
    ? isWell(check, `the town is open since ${record.startedAt}, ${seen.length} processes`, home)
    : isPoor(check, {
        what: `Processes of the open town are dead: ${dead.map(({ role, pid }) => `${role} ${pid}`).join(', ')}.`,
        evidence: `${home}/town.json`,
        fix: `They are started again within a minute; if not, read ${home}/logs`,
      });
  const version = await townVersion();
  if (record.version !== version)
    yield isPoor(check, {
      what: 'The open town runs another version of the code than this command.',
      evidence: `the town: ${record.version}; this command: ${version}`,
      fix: 'gt down && gt up --detach',
    });
}

const killed = (home: string, record: TownRecord): Diagnosis =>
  mendable(
    isPoor(check, {
      what: 'The town was killed, not closed. Nothing is lost; what it left is ended at the next `gt up`.',
      evidence: `${home}/town.json says ${record.state}, and its supervisor is dead`,
      fix: 'gt down',
    }),
    () => clearUp(home),
  );

/** Under the lock and with the record read anew: somebody may be opening the town right now. */
const clearUp = async (home: string): Promise<string> => {
  const lock = await lockTown(home);
  try {
    const record = await readRecord(home);
    if (record === undefined) return 'nothing was left';
    const pids = await endLeftovers(record, 3_000);
    await writeRecord(home, { ...record, state: 'closed', pids: [] });
    return pids.length === 0 ? 'nothing was left of it' : `ended what it left: ${pids.join(', ')}`;
  } finally {
    lock.release();
  }
};
