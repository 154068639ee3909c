import { heartbeat } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** Activities that beat by themselves, with details that an empty beat would overwrite. */
const selfBeating: readonly string[] = ['infer', 'askPlanner', 'tendHost', 'awaitBead', 'awaitEnd'];

/**
 * Beats from a timer for every activity that has a heartbeat timeout. It says "this process lives", which is all that
 * git work needs; and it is how a cancellation arrives (Temporal delivers it with the answer to a heartbeat).
 */
export const beatFromTimer: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      const { heartbeatTimeoutMs, activityType } = context.info;
      if (!heartbeatTimeoutMs || selfBeating.includes(activityType)) return next(input);
      const timer = setInterval(() => heartbeat(), Math.min(heartbeatTimeoutMs / 3, 2_000));
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  },
});
