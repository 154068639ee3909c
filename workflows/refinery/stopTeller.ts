import { tellPerson } from '../announce.ts';
import type { Failure } from '../domain/failure.ts';

/** A person hears of a queue that stops, once for each stop that is not their own pause. */
export const createStopTeller = (about: string, carried: Failure | undefined) => {
  // A run before this one has told of the stop that it carried over.
  let toldOf = carried?.what;
  let stops = 0;
  return async (failure: Failure | undefined): Promise<void> => {
    if (failure?.what === toldOf) return;
    toldOf = failure?.what;
    if (failure === undefined) return;
    await tellPerson(`stopped/${++stops}`, {
      event: 'needsYou',
      convoy: undefined,
      about: [{ about, failure }],
    });
  };
};
