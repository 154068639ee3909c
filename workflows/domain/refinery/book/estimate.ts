/** When a branch lands: the tests that it still needs if nothing more fails, each as long as they usually are. */
import { defaultPolicy } from '../screening/fold.ts';
import { badShareOf } from '../screening/learned.ts';
import type { LiveRun, QueueState } from '../screening/queue.ts';

/** What is left of a branch's way: whether it is still to be tested for the first time, or so many tests from now. */
export type Way =
  | { readonly kind: 'now' }
  | { readonly kind: 'running'; readonly run: LiveRun; readonly more: number }
  | { readonly kind: 'tests'; readonly count: number }
  | { readonly kind: 'fresh'; readonly ahead: number };

/** How long a test takes, ms; undefined before the first. */
export const usualRunOf = ({ policy }: QueueState): number | undefined =>
  policy.usualRun === defaultPolicy.usualRun ? undefined : policy.usualRun;

/** Estimates of one queue as it stands, epoch ms; undefined before the first test has ended. */
export const estimates = (queue: QueueState): ((way: Way) => number | undefined) => {
  const usual = usualRunOf(queue);
  if (usual === undefined) return () => undefined;
  const { now, running, slots } = queue;
  const endOf = ({ startedAt }: LiveRun): number => Math.max(now, startedAt + usual);
  const free = running.length < slots ? now : Math.min(...running.map(endOf));
  const atOnce = Math.max(1, slots) * groupOf(queue);
  return (way) => {
    switch (way.kind) {
      case 'now':
        return now;
      case 'running':
        return endOf(way.run) + way.more * usual;
      case 'tests':
        return free + way.count * usual;
      case 'fresh':
        return free + (1 + Math.floor(way.ahead / atOnce)) * usual;
    }
  };
};

const mostMembers = 64;

/** Fresh branches of one test: as many as it tells most about. */
const groupOf = (queue: QueueState): number =>
  Math.min(mostMembers, Math.max(1, Math.round(Math.LN2 / badShareOf(queue))));
