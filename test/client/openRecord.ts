import { ensureHomeId } from '../../deploy/town/homeId.ts';
import { markOf } from '../../deploy/town/processes.ts';
import { configHash, type TownRecord, writeRecord } from '../../deploy/town/record.ts';

interface Opened {
  readonly home: string;
  /** Path of its gastown.yaml. */
  readonly config: string;
  readonly address: string;
  readonly namespace: string;
}

/** Writes `town.json` as `gt up` would have, so that `gt` finds a town that a test runs itself. */
export const openRecord = async ({ home, config, address, namespace }: Opened): Promise<void> => {
  await ensureHomeId(home);
  const supervisor = await markOf(process.pid);
  const server = await markOf(process.ppid);
  if (supervisor === undefined || server === undefined) throw new Error('this process has no mark');
  const record: TownRecord = {
    ...{ name: 'mill', namespace, address, config },
    configHash: await configHash(config),
    uiUrl: undefined,
    homeId: 'x',
    version: '1',
    startedAt: 'now',
    state: 'open',
    pids: [
      { role: 'supervisor', ...supervisor },
      { role: 'server', ...server },
    ],
  };
  await writeRecord(home, record);
};
