import { patched } from '@temporalio/workflow';
import { groupAtATime } from './refinery/groupAtATime.ts';
import type { RefineryInput } from './refinery/input.ts';
import { screenAndConfirm } from './refinery/screenAndConfirm.ts';

export type { RefineryInput } from './refinery/input.ts';

/** The merge queue of one rig and branch: tests what waits and lands it by compare-and-swap (G2). */
export async function refinery(input: RefineryInput): Promise<void> {
  return patched('screen-and-confirm') ? screenAndConfirm(input) : groupAtATime(input);
}
