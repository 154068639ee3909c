import { mergeable, type Policy } from '../laboratory.ts';
import { halves, settled } from './landing.ts';

const batch = 8;

/** One batch at a time, halved until the culprits are alone. */
export const bors = (): Policy => {
  const batches: (readonly number[])[] = [];
  return {
    name: 'bors',
    ended: (run) => {
      if (!run.passes) batches.unshift(...halves(run.members));
    },
    plan: (lab) => {
      const choice = settled(lab);
      if (choice !== undefined) return choice;
      if (lab.running.size > 0 || lab.queue.length === 0) return {};
      for (;;) {
        const next = batches.shift() ?? mergeable(lab, lab.queue, batch);
        const members = mergeable(
          lab,
          next.filter((id) => lab.waits[id]),
        );
        if (members.length > 0) return { start: [{ members }] };
      }
    },
  };
};
