import { condition, setHandler } from '@temporalio/workflow';
import type { Verdict } from '../../../workflows/domain/queue/submission.ts';
import { verdict } from '../../../workflows/messages.ts';

export { refinery } from '../../../workflows/refinery.ts';

/** Waits for the Refinery's verdict on one branch, as a bead does. */
export async function ear(): Promise<Verdict> {
  let heard: Verdict | undefined;
  setHandler(verdict, (one) => {
    heard = one;
  });
  await condition(() => heard !== undefined);
  return heard as unknown as Verdict;
}
