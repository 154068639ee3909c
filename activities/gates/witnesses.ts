import { clip } from '../../workflows/domain/failure.ts';
import type { BeadRef } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { git } from '../git/run.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { GateRecords } from '../ledger/gateRecords.ts';
import type { Live, LiveLog } from '../live/live.ts';
import type { GateProgress, GateRun } from './gateRunner.ts';

/** Who is told of a bead's gates while they run and afterwards: people, by files. Nothing of it may cost the run. */
export interface GateWitnesses {
  readonly live?: Live | undefined;
  readonly records?: GateRecords | undefined;
}

/** The commit that was gated, and the one that the turn's reply had made. */
export interface GatedChange {
  readonly repo: string;
  readonly blobs: Blobs;
  readonly reply: string;
  readonly head: string;
}

export interface WitnessedRun {
  readonly progress: (now: GateProgress, chunk?: Buffer) => void;
  readonly done: (run: GateRun, change: GatedChange) => Promise<void>;
  /** However it ended. */
  readonly end: () => Promise<void>;
}

export const witnessRun = ({ live, records }: GateWitnesses, bead: BeadRef): WitnessedRun => {
  let log: LiveLog | undefined;
  let gate = '';
  const say = (piece: string | Buffer): void => {
    log ??= live?.more(bead, 'gates');
    log?.write(piece);
  };
  return {
    progress(now, chunk) {
      if (now.gate !== gate) say(`-- ${now.gate}\n`);
      gate = now.gate;
      if (chunk !== undefined) say(chunk);
    },

    async done({ verdict, ms, gates, failures }, change) {
      for (const one of gates) say(`\n-- ${one.gate}: ${one.passed ? 'passed' : 'red'} (${one.ms} ms)`);
      const record = {
        ...{ at: Date.now(), head: change.head, verdict, ms, gates },
        diffRef: records === undefined ? undefined : await diffOf(change).catch(() => undefined),
        failures: failures.map(({ gate: name, summary, logRef }) => ({
          ...{ gate: name, summary: oneLine(summary, 500) },
          ...(logRef === undefined ? {} : { logRef }),
        })),
      };
      await records?.append(bead, record).catch(() => undefined);
    },

    end: async () => await log?.end(),
  };
};

/** Characters of a change that are kept; git has it all, as long as it has the commit. */
const longestDiff = 200_000;

/** What the turn's reply, and the rig's formatter after it, have changed. The blob conceals secrets. */
const diffOf = async ({ repo, blobs, reply, head }: GatedChange): Promise<string> => {
  const args = ['-c', 'core.quotePath=false', 'diff', '--no-color', '--no-ext-diff', '--no-textconv'];
  const { stdout } = await git([...args, `${reply}^`, head], { cwd: repo });
  return await blobs.put(clip(stdout, longestDiff));
};
