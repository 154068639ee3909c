import type { GateReport } from '../../workflows/ports.ts';
import type { Counts } from '../counts/counts.ts';
import { isWorkerStop } from '../models/workerStop.ts';

interface Counting {
  readonly counts: Counts | undefined;
  readonly rig: string;
  readonly signal: AbortSignal;
}

/** Counts a test of the Refinery by how it ends. One that a Worker's end cut short is done again, and counted then. */
export const countedTest = async <T>(
  { counts, rig, signal }: Counting,
  reportOf: (answer: T) => GateReport | undefined,
  test: () => Promise<T>,
): Promise<T> => {
  try {
    const answer = await test();
    const report = reportOf(answer);
    if (report !== undefined) counts?.add('refineryTests', { rig, result: resultOf(report) });
    return answer;
  } catch (error) {
    const isCancelled = signal.aborted && !isWorkerStop(signal.reason);
    if (isCancelled) counts?.add('refineryTests', { rig, result: 'cancelled' });
    throw error;
  }
};

const resultOf = (report: GateReport): string => {
  if (report.verdict === 'red') return 'failed';
  return report.cached ? 'known' : 'passed';
};
