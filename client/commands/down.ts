import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { endLeftovers } from '../../deploy/town/leftovers.ts';
import { lockTown } from '../../deploy/town/lock.ts';
import { ownerOf } from '../../deploy/town/owner.ts';
import { isAlive } from '../../deploy/town/processes.ts';
import { type TownRecord, writeRecord } from '../../deploy/town/record.ts';
import { TownError } from '../../deploy/town/trouble.ts';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { say } from '../init/say.ts';

interface Options {
  readonly now?: boolean;
}

export const addDown = (program: Command): void => {
  program
    .command('down')
    .summary('close the town')
    .description(
      'Closes the town: workers finish what they do within the grace time of `gt up`, then the server ends. ' +
        'Convoys are not ended by this: they go on at the next `gt up`.',
    )
    .option('--now', 'do not wait for what runs; it is done again at the next `gt up`')
    .addHelpText('after', '\nExamples:\n  gt down\n  gt down --now')
    .action(answering(down));
};

const down = async (call: Call<Options>): Promise<Answer> => {
  const { home, record } = await call.place();
  const owner = ownerOf(record);
  if (record === undefined || record.state === 'closed') return closed('The town was not open.');
  if (owner === undefined || !(await isAlive(owner))) return await clearUp(home, record);

  tell(owner.pid, 'SIGTERM');
  say(
    call.options.now === true
      ? 'Closing the town at once …'
      : 'Closing the town: what runs may finish first, within the grace time of `gt up` (`gt down --now` ends it at once) …',
  );
  // Two signals of one kind that come at once are delivered as one.
  if (call.options.now) await sleep(200).then(() => tell(owner.pid, 'SIGINT'));
  for (let looks = 0; looks < mostLooks; looks++) {
    if (!(await isAlive(owner))) return closed('The town is closed. `gt up` goes on where it was.');
    await sleep(lookEveryMs);
  }
  throw new TownError({
    type: 'TownStillOpen',
    what: 'The town has not closed yet: something runs for longer than its grace time.',
    evidence: `process ${owner.pid} is alive`,
    next: 'Wait and look with `gt status`, or end it at once: `gt down --now`.',
  });
};

/** One that has ended between two looks needs no telling. */
const tell = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

const lookEveryMs = 100;
const mostLooks = 1_200;

/** A supervisor that was killed leaves a record, and perhaps processes. */
const clearUp = async (home: string, record: TownRecord): Promise<Answer> => {
  const lock = await lockTown(home);
  try {
    const pids = await endLeftovers(record, 3_000);
    await writeRecord(home, { ...record, state: 'closed', pids: [] });
    return closed(
      pids.length === 0
        ? 'The town’s supervisor had been killed; nothing of it was left.'
        : `The town’s supervisor had been killed; ended what it left: ${pids.join(', ')}.`,
    );
  } finally {
    lock.release();
  }
};

const closed = (text: string): Answer => ({ data: { state: 'closed', text }, lines: () => [text] });
