import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** Stops real activities at their door, so that a test can act while a bead is at a certain moment of its life. */
export interface Holds {
  readonly interceptor: ActivityInterceptorsFactory;
  /** The next call of this activity for which `matches` holds waits. */
  hold(activity: string, matches?: (argument: unknown) => boolean): Hold;
}

export interface Hold {
  /** Resolves when a call stands at the door. */
  readonly arrived: Promise<void>;
  release(): void;
}

interface Door {
  readonly activity: string;
  readonly matches: (argument: unknown) => boolean;
  readonly arrived: PromiseWithResolvers<void>;
  readonly open: PromiseWithResolvers<void>;
}

export const createHolds = (): Holds => {
  const doors: Door[] = [];
  return {
    interceptor: (context) => ({
      inbound: {
        async execute(input, next) {
          const at = doors.findIndex(
            ({ activity, matches }) => activity === context.info.activityType && matches(input.args[0]),
          );
          const [door] = at < 0 ? [] : doors.splice(at, 1);
          door?.arrived.resolve();
          // A cancelled call does not wait: it is for the activity to say what cancelling means.
          if (door !== undefined) await Promise.race([door.open.promise, context.cancelled.catch(() => {})]);
          return next(input);
        },
      },
    }),

    hold(activity, matches = () => true) {
      const door: Door = {
        activity,
        matches,
        arrived: Promise.withResolvers(),
        open: Promise.withResolvers(),
      };
      doors.push(door);
      return { arrived: door.arrived.promise, release: () => door.open.resolve() };
    },
  };
};
