import type { Policy } from '../laboratory.ts';
import { settled } from './landing.ts';

/** One branch at a time. */
export const serial = (): Policy => ({
  name: 'serial',
  plan: (lab) => {
    const choice = settled(lab);
    if (choice !== undefined) return choice;
    const [first] = lab.queue;
    return lab.running.size > 0 || first === undefined ? {} : { start: [{ members: [first] }] };
  },
});
