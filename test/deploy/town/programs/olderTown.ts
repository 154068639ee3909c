/** Stands for an older version of the workflow `town`: it began with a step that the present one does not know. */
import { sleep } from '@temporalio/workflow';

export async function town(): Promise<void> {
  await sleep('30 days');
}
