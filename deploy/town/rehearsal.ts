import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { shellWord } from '../../workflows/domain/shellWord.ts';
import { entry, type WorkerSetting } from './programs.ts';
import type { TownRecord } from './record.ts';
import { TownError } from './trouble.ts';
import { codeRoot, workflowsHash } from './version.ts';

/** Which code has written the open histories: kept in `town.json` until other code has shown that it can go on with them. */
export type Written = Pick<TownRecord, 'version' | 'workflows'>;

/**
 * Replays every open workflow on the present code when other code has written their histories. Throws `UpgradeRefused`
 * with the ids of those that could not go on, and the commands that finish them with the code that began them.
 */
export const rehearse = async (
  before: Written | undefined,
  setting: WorkerSetting,
  signal: AbortSignal | undefined,
): Promise<Rehearsal> => {
  const workflows = await workflowsHash();
  if (before === undefined || before.workflows === workflows) return { workflows, checked: 0 };
  const { command, args, env } = entry('rehearse.ts')(setting);
  const { stdout } = await promisify(execFile)(command, args, {
    maxBuffer: 64 * 2 ** 20,
    ...(env === undefined ? {} : { env }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw unknowable(error);
  });
  const lines = stdout
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Said] : []));
  const failed = lines.filter((line) => 'workflowId' in line);
  if (failed.length > 0) throw refused(before, setting.home, failed);
  return { workflows, checked: lines.find((line) => 'checked' in line)?.checked ?? 0 };
};

export interface Rehearsal {
  /** Hash of the code that may serve the histories now. */
  readonly workflows: string;
  readonly checked: number;
}

type Said = Misfit | { readonly checked: number };

interface Misfit {
  readonly workflowId: string;
  readonly why: string;
}

const mostShown = 10;

/** The SDK prints the core's failure as a structure; the message in it is all that a person can use. */
const misfit = (why: string): string =>
  /message: "((?:[^"\\]|\\.)+)"/.exec(why)?.[1] ?? why.split('\n')[0] ?? '';

const refused = (before: Written, home: string, failed: readonly Misfit[]): TownError => {
  const rest = failed.length - mostShown;
  return new TownError({
    type: 'UpgradeRefused',
    what: `${failed.length === 1 ? 'An open workflow was' : `${failed.length} open workflows were`} begun by other code and cannot go on with this one. Nothing was started.`,
    evidence: [
      ...failed.slice(0, mostShown).map(({ workflowId, why }) => `${workflowId}: ${misfit(why)}`),
      ...(rest > 0 ? [`… and ${rest} more`] : []),
      `the code that began them: ${before.version}`,
    ].join('\n'),
    // Only parked beads begin a new history: a convoy and its epics have to end.
    next: `Go back to it: git -C ${shellWord(codeRoot)} checkout ${before.version} && gt up --detach --home ${shellWord(home)}; then let them end, or park beads with \`gt stop --all\` and end convoys with \`gt cancel CONVOY\` (launched again, what has landed is skipped); then \`gt down\`, come back to this version and run \`gt up\` again.`,
  });
};

const unknowable = (error: unknown): TownError =>
  new TownError({
    type: 'RehearsalFailed',
    what: 'Whether the open workflows can go on with this version of the code could not be found out. Nothing was started.',
    evidence: error instanceof Error ? error.message.slice(-2_000) : String(error),
    next: 'Correct what the evidence says and run `gt up` again.',
  });
