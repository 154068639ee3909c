import type { RefineryStatus } from '../../workflows/domain/report/report.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { everlasting } from '../look.ts';
import { refineryLines, silentLines } from '../render/townPage.ts';

/** The answer of `gt refinery status`. */
export const refineryStatus = async (call: Call<object>): Promise<Answer> => {
  const { client } = await call.town();
  const { answers: found, silent } = await everlasting<RefineryStatus>(client, 'refinery', 'refineryStatus');
  return {
    data: found,
    meta: { count: found.length, silent },
    lines: (terminal) =>
      found.length + silent.length === 0
        ? ['No refinery has been needed yet: they start with the first bead (task) that is ready to land.']
        : [...found.flatMap((one) => refineryLines(one, terminal)), ...silentLines(silent, terminal)],
    code:
      silent.length > 0 || found.some(({ stopped }) => stopped !== undefined) ? exitCode.failed : exitCode.ok,
  };
};
