import type { NativeConnection } from '@temporalio/worker';

/** A connection on which one more Worker of a queue may be made. */
export interface Lane {
  readonly connection: NativeConnection;
  /** The Worker has ended. */
  free(): Promise<void>;
}

/**
 * Temporal's core takes one Worker of a queue on a connection ("Registration of multiple workers with overlapping worker task
 * types"). Two hosts that hold the same model serve the same queue from one process, so each further one gets a connection of its own.
 */
export const createLanes = (first: NativeConnection, connect: () => Promise<NativeConnection>) => {
  const lanes = [{ connection: Promise.resolve(first), queues: new Set<string>() }];
  const leave = (lane: (typeof lanes)[number], queue: string): boolean => {
    lane.queues.delete(queue);
    const at = lanes.indexOf(lane);
    const isOver = at > 0 && lane.queues.size === 0;
    if (isOver) lanes.splice(at, 1);
    return isOver;
  };
  return async (queue: string): Promise<Lane> => {
    let lane = lanes.find(({ queues }) => !queues.has(queue));
    if (lane === undefined) {
      lane = { connection: connect(), queues: new Set() };
      lanes.push(lane);
    }
    const own = lane;
    own.queues.add(queue);
    const free = async (): Promise<void> => {
      if (leave(own, queue)) await (await own.connection).close();
    };
    try {
      return { connection: await own.connection, free };
    } catch (error) {
      leave(own, queue);
      throw error;
    }
  };
};
