import type { Client } from '@temporalio/client';
import { ownBranchKey } from '../workflows/domain/queue/ownBranch.ts';
import type { RefineryStatus } from '../workflows/domain/report/report.ts';
import { oneLine } from '../workflows/domain/text.ts';
import { exitCode } from './exitCodes.ts';
import { everlasting } from './look.ts';
import { ownBranchName } from './ownBranch.ts';
import { ClientError } from './trouble.ts';
import { unknownName } from './unknownName.ts';

/** A branch in the one merge queue that has it. */
export interface QueuedBranch {
  readonly rig: string;
  readonly target: string;
  /** As the queue names it. */
  readonly bead: string;
}

/** Finds what a person names CONVOY/EPIC/BEAD, or a branch of theirs as they submitted it, among all queues. */
export const queuedBranch = async (client: Client, name: string): Promise<QueuedBranch> => {
  const { answers } = await everlasting<RefineryStatus>(client, 'refinery', 'refineryStatus');
  const all = answers.flatMap(({ rig, target, queue }) => queue.map(({ bead }) => ({ rig, target, bead })));
  return branchMeant(name, all);
};

/** A bead comes before a branch of the same name. Throws what a person is told when none or several are meant. */
export const branchMeant = (name: string, all: readonly QueuedBranch[]): QueuedBranch => {
  const key = name.replace(/^bead\//, '');
  const exact = all.find(({ bead }) => bead === name) ?? all.find(({ bead }) => bead === key);
  if (exact !== undefined) return exact;
  const own = all.filter(({ rig, bead }) => bead === ownBranchKey(rig, ownBranchName(name)));
  const [only, ...others] = own;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) throw severalBranches(name, own);
  throw unknownName({
    ...{ noun: 'branch in a merge queue', name, known: all.map(({ bead }) => bead) },
    see: 'gt refinery queue',
  });
};

const severalBranches = (name: string, found: readonly QueuedBranch[]): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadTarget',
    what: `Branches named ${oneLine(name)} wait in several merge queues.`,
    evidence: `they are: ${found.map(({ bead }) => oneLine(bead)).join(', ')}`,
    next: 'Name it as one of these.',
  });
