import * as z from 'zod';
import { duration, withForm } from '../input/forms.ts';

const least = 10_000;

/** How the Witness patrols. */
export const patrolSchema = z.strictObject({
  every: withForm(
    duration().refine((ms) => ms >= least, { error: 'is shorter than 10 s' }),
    'a duration of at least 10s, such as 10m',
  )
    .prefault('10m')
    .describe('How often each rig is looked over for what killed processes left, and for who is silent.'),
  silentAfter: withForm(
    duration().refine((ms) => ms >= least, { error: 'is shorter than 10 s' }),
    'a duration of at least 10s, such as 30m',
  )
    .prefault('30m')
    .describe('A bead or host of which nothing was heard for so long is stuck.'),
  leaveAlone: duration()
    .prefault('10m')
    .describe('What is younger, or lost its owner more recently, is not cleared yet.'),
});
