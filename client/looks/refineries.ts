import type { RefineryStatus } from '../../workflows/domain/report/report.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { type ExitCode, exitCode } from '../exitCodes.ts';
import { everlasting, type Seen } from '../look.ts';
import { queuePage } from '../render/refineryQueue.ts';
import { refinerySummary } from '../render/refinerySummary.ts';
import { silentLines } from '../render/townPage.ts';
import { unknownQueue } from '../unknownName.ts';

/** The answer of `gt refinery status`. */
export const refineryStatus = async (call: Call<object>): Promise<Answer> => {
  const { client } = await call.town();
  const seen = await everlasting<RefineryStatus>(client, 'refinery', 'refineryStatus');
  const now = Date.now();
  return answerOf(seen, (one, terminal) => refinerySummary(one, terminal, now));
};

/** The answer of `gt refinery queue`: of all queues, of those of a rig, or of one. */
export const refineryQueue = async (call: Call<object>, rig?: string, branch?: string): Promise<Answer> => {
  const { client } = await call.town();
  const { answers, silent } = await everlasting<RefineryStatus>(client, 'refinery', 'refineryStatus');
  const isMeant = (itsRig: string, target: string): boolean =>
    (rig === undefined || rig === itsRig) && (branch === undefined || branch === target);
  const seen = {
    answers: answers.filter((one) => isMeant(one.rig, one.target)),
    silent: silent.filter(({ workflow }) => {
      const [, itsRig = '', ...target] = workflow.split('/');
      return isMeant(itsRig, target.join('/'));
    }),
  };
  if (rig !== undefined && seen.answers.length + seen.silent.length === 0)
    throw unknownQueue(
      [rig, branch ?? ''].join(' ').trim(),
      answers.map((one) => `${one.rig} ${one.target}`),
    );
  const now = Date.now();
  return answerOf(seen, (one, terminal) => queuePage(one, terminal, now));
};

const answerOf = (
  { answers, silent }: Seen<RefineryStatus>,
  linesOf: (one: RefineryStatus, terminal: Parameters<Answer['lines']>[0]) => readonly string[],
): Answer => ({
  data: answers,
  meta: { count: answers.length, silent },
  lines: (terminal) =>
    answers.length + silent.length === 0
      ? ['No refinery has been needed yet: they start with the first bead (task) that is ready to land.']
      : [...answers.flatMap((one) => linesOf(one, terminal)), ...silentLines(silent, terminal)],
  code: codeOf(answers, silent.length),
});

const codeOf = (answers: readonly RefineryStatus[], silent: number): ExitCode =>
  silent > 0 || answers.some(({ stopped }) => stopped !== undefined) ? exitCode.failed : exitCode.ok;
