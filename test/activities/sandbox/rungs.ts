import { candidateRungs, probe } from '../../../activities/sandbox/detect.ts';
import type { Rung } from '../../../activities/sandbox/rung.ts';

/** Every kind of rung that works on this machine: each keeps the same promises, so each runs the same tests. */
export const workingRungs = async (): Promise<readonly Rung[]> => {
  const candidates = await candidateRungs();
  const tried = await Promise.all(candidates.map(async (rung) => ({ rung, why: await probe(rung) })));
  const works = tried.filter(({ why }) => why === undefined).map(({ rung }) => rung);
  return works.filter((rung, index) => works.findIndex(({ name }) => name === rung.name) === index);
};
