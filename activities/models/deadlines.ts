import type { ModelSettings } from '../../workflows/domain/host/model.ts';

export type Overrun = 'firstToken' | 'idle' | 'call';

/** The clocks of one call. */
export interface Deadlines {
  /** Aborted by the first clock that runs out. */
  readonly signal: AbortSignal;
  readonly overrun: () => Overrun | undefined;
  /** A token came. */
  readonly token: () => void;
  readonly stop: () => void;
}

/**
 * Until the first token one long clock runs, since queue, load and prompt are silent; after it a short one between tokens.
 * The whole call ends a little before Temporal's start-to-close timeout, so that the failure says why and what it cost.
 */
export const startDeadlines = (
  model: Pick<ModelSettings, 'firstTokenMs' | 'idleMs' | 'callTimeoutMs'>,
): Deadlines => {
  const controller = new AbortController();
  let overrun: Overrun | undefined;
  const run = (clock: Overrun, ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      overrun ??= clock;
      controller.abort(new Error(`${clock} deadline of ${ms} ms`));
    }, ms);

  const callMs = model.callTimeoutMs - Math.min(5_000, model.callTimeoutMs / 20);
  const whole = run('call', callMs);
  let next = run('firstToken', model.firstTokenMs);
  let first = true;
  return {
    signal: controller.signal,
    overrun: () => overrun,
    token: () => {
      if (!first) return void next.refresh();
      first = false;
      clearTimeout(next);
      next = run('idle', model.idleMs);
    },
    stop: () => {
      clearTimeout(whole);
      clearTimeout(next);
    },
  };
};
