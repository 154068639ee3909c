import type { Policy } from './laboratory.ts';
import { bors } from './rivals/bors.ts';
import { lanes } from './rivals/lanes.ts';
import { serial } from './rivals/serial.ts';
import { submitQueue } from './rivals/submitQueue.ts';
import { zuul } from './rivals/zuul.ts';
import { screenConfirm } from './screenConfirm.ts';
import type { World } from './world.ts';

/** What the planner under test is told of the world. */
export interface Knowledge {
  readonly slots: number;
  /** The share of bad branches; undefined: it learns that. */
  readonly prior: number | undefined;
  /** Whether runs name the tests that failed. */
  readonly attribution: boolean;
}

/** What is compared: the town's own planner, and what is done elsewhere. */
export const policies: Readonly<Record<string, (world: World, knowledge: Knowledge) => Policy>> = {
  'screen-confirm': ({ quarrelRate, flakeRate }, { slots, prior, attribution }) =>
    screenConfirm(slots, {
      ...{ quarrelRate, flakeRate, namesTests: attribution },
      ...(prior === undefined ? {} : { badShare: prior }),
    }),
  serial,
  bors,
  zuul,
  'submit-queue': submitQueue,
  lanes,
};
