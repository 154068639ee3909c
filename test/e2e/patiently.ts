import { eventually } from '../support/town.ts';

/** `eventually` with the deadline of this folder's tests: several convoys share a town, and several towns a machine. */
export const patiently = <T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> =>
  eventually(ask, fits, 200_000);
