/**
 * The process that a town's worker has its gits started by. It says nothing but what they answered, and ends when the worker is gone.
 */
import { endOfGit } from './child.ts';
import type { Order, Report } from './spawner.ts';

const running = new Map<number, AbortController>();

process.on('message', (order: Order) => {
  if (order.kind === 'end') {
    running.get(order.id)?.abort();
    return;
  }
  const { id, args, options } = order;
  const controller = new AbortController();
  running.set(id, controller);
  void endOfGit(args, { ...options, signal: controller.signal }).then((ended) => {
    running.delete(id);
    if (process.connected) process.send?.({ id, ended } satisfies Report);
  });
});

// A Ctrl-C reaches the whole group: work that a worker drains still needs its gits.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// What is under way goes on without it, as it would if the worker itself had started it.
process.once('disconnect', () => process.exit());
