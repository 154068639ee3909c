import * as z from 'zod';
import { decimal, duration, mapOf, yesOrNo } from '../input/forms.ts';

/** How the fleet decides which model is resident where, as it is written. */
export const fleetSchema = z.strictObject({
  plan: yesOrNo()
    .default(true)
    .describe(
      'Whether hosts with several models are planned for together. false: each host swaps by its own rule, for the call that waits longest.',
    ),
  hold: decimal(0, 10, 'a share of a swap there and back')
    .default(1)
    .describe('How long a host waits for more work of its model before it swaps, in swaps there and back.'),
  maxWait: duration()
    .prefault('1h')
    .describe('A call that has waited so long for its model is served next, whatever else is to come.'),
  minResidency: duration().prefault('2m').describe('How long a model stays at least, once it has served.'),
  leastGain: duration()
    .prefault('6s')
    .describe('How much sooner the work must end for a swap that is made ahead of its time.'),
  lookAhead: yesOrNo()
    .default(true)
    .describe('Whether decisions are compared by playing the rest of the work through.'),
});

/** What people expect of a tier, as it is written. */
export const tiersSchema = mapOf(
  z.strictObject({
    target: duration()
      .optional()
      .describe(
        'How soon a call should be answered, from the queue to its last token; kept and missed ones are counted.',
      ),
  }),
  'a tier: a map with target',
);
