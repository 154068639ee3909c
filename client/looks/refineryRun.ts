import { join } from 'node:path';
import { blobPath, isBlobRef } from '../../workflows/domain/blobRef.ts';
import type { QueueRun, RefineryStatus } from '../../workflows/domain/report/report.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { everlasting } from '../look.ts';
import { runPage } from '../render/refineryRun.ts';
import { ClientError } from '../trouble.ts';

interface Found {
  readonly queue: RefineryStatus;
  readonly run: QueueRun;
}

/** The answer of `gt refinery show`: one test of a group. */
export const refineryShow = async (
  call: Call<object>,
  number: string,
  rig?: string,
  branch?: string,
): Promise<Answer> => {
  const wanted = numberOf(number);
  const { client, home } = await call.town();
  const { answers } = await everlasting<RefineryStatus>(client, 'refinery', 'refineryStatus');
  const queues = answers.filter(
    (one) => (rig === undefined || one.rig === rig) && (branch === undefined || one.target === branch),
  );
  const found = queues.flatMap((queue) =>
    (queue.runs ?? []).filter(({ run }) => run === wanted).map((run): Found => ({ queue, run })),
  );
  const [only, ...others] = found;
  if (only === undefined) throw unknownRun(wanted, queues);
  if (others.length > 0) throw severalRuns(wanted, found);
  const { queue, run } = only;
  const output =
    run.outputRef === undefined || !isBlobRef(run.outputRef)
      ? undefined
      : join(home, 'blobs', blobPath(run.outputRef));
  const now = Date.now();
  return {
    data: { rig: queue.rig, target: queue.target, ...run, ...(output === undefined ? {} : { output }) },
    lines: (terminal) => runPage(queue, run, { terminal, now, output }),
    code: run.state === 'failed' ? exitCode.failed : exitCode.ok,
  };
};

const numberOf = (text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ClientError(exitCode.badInput, {
    type: 'BadNumber',
    what: 'That is no number of a run.',
    evidence: `got ${JSON.stringify(text.slice(0, 60))}`,
    next: 'See the runs with `gt refinery status`.',
  });
};

/** More are no help to somebody who mistyped one. */
const mostNamed = 12;

const unknownRun = (wanted: number, queues: readonly RefineryStatus[]): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NotFound',
    what: `No merge queue remembers run ${wanted}.`,
    evidence:
      queues.map((one) => `${place(one)} remembers ${runsText(one)}`).join('\n') || 'there is no such queue',
    next:
      'A queue remembers tests under way, those that passed and still wait to land, and those that a branch failed ' +
      'alone. See what waits with `gt refinery queue`.',
  });

const runsText = ({ runs = [] }: RefineryStatus): string => {
  if (runs.length === 0) return 'no run';
  const more = runs.length - mostNamed;
  const named = runs.slice(0, mostNamed).map(({ run }) => run);
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const severalRuns = (wanted: number, found: readonly Found[]): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadTarget',
    what: `Several merge queues have a run ${wanted}.`,
    evidence: `they are: ${found.map(({ queue }) => place(queue)).join(', ')}`,
    next: `Name the queue: gt refinery show ${wanted} RIG BRANCH`,
  });

const place = ({ rig, target }: RefineryStatus): string => `${rig} ${oneLine(target)}`;
