import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { stamped } from '../workflows/domain/stamp.ts';

/** Writes on the answers that set a bead's clock when they were given. */
export const stampResults: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    async execute(input, next) {
      return stamped(info.activityType, await next(input), Date.now());
    },
  },
});
