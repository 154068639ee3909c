import { markOf, type ProcessMark } from './processes.ts';
import { type ProcessRole, type TownRecord, writeRecord } from './record.ts';
import { isDiskFull } from './room.ts';

export interface Seen {
  readonly address: string;
  readonly uiUrl: string | undefined;
  readonly processes: readonly { readonly role: ProcessRole; readonly mark: ProcessMark | undefined }[];
}

export interface Recorder {
  /** Writes `town.json` as things are now; a state stays until another is given. */
  note(state?: TownRecord['state']): Promise<void>;
  /** From now on this code writes the histories. */
  adopt(code: Pick<TownRecord, 'version' | 'workflows'>): void;
}

/** Keeps `town.json` true while processes come and go. Writes are one after another, so the last one is the newest. */
export const recordTown = (
  home: string,
  identity: Omit<TownRecord, 'state' | 'pids' | 'address' | 'uiUrl'>,
  look: () => Seen,
): Recorder => {
  let constant = identity;
  let state: TownRecord['state'] = 'starting';
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    const { address, uiUrl, processes } = look();
    const all = [{ role: 'supervisor' as const, mark: await markOf(process.pid) }, ...processes];
    const pids = all.flatMap(({ role, mark }) => (mark === undefined ? [] : [{ role, ...mark }]));
    await writeRecord(home, { ...constant, address, uiUrl, state, pids: state === 'closed' ? [] : pids });
  };

  return {
    note(next) {
      state = next ?? state;
      // A full disk must not take an open town down with it: a later note is true again.
      writing = writing
        .catch(() => {})
        .then(write)
        .catch((error: unknown) => {
          if (!isDiskFull(error)) throw error;
        });
      return writing;
    },
    adopt(code) {
      constant = { ...constant, ...code };
    },
  };
};
