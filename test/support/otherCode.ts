import { sleep } from '@temporalio/workflow';

/** A convoy as no version of the town has ever run it: its history fits no other code. */
export const convoy = async (): Promise<void> => {
  await sleep(1);
  await sleep(1);
};
