import { log } from '@temporalio/activity';
import type { HostReport } from '../../workflows/domain/fleet/hostReport.ts';
import { reason } from './answers.ts';

/** Tells the fleet how a host stands, as soon as that changes and no oftener than the pace allows. */
export interface FleetTeller {
  /** Something may have changed. */
  changed(): void;
  /** Tells it now, whatever the pace, if it differs from what was told. */
  now(): Promise<void>;
  /** Nobody is there who remembers: all is told again. */
  forget(): void;
  /** Nothing is told on its own any more. */
  stop(): void;
}

export interface TellerOptions {
  readonly report: () => HostReport;
  readonly send: (report: HostReport) => Promise<void>;
  /** It was heard: what it told of is not told again. */
  readonly heard: (report: HostReport) => void;
  /** Least time between two reports. */
  readonly everyMs: number;
  /** The same where only calls have come and gone. */
  readonly callsEveryMs: number;
}

/** A fleet that was started anew, on the quiet, knows nothing: what has not changed is told again now and then. */
const repeatMs = 5 * 60_000;

export const createFleetTeller = (options: TellerOptions): FleetTeller => {
  let told = { text: '', standing: '', at: Number.NEGATIVE_INFINITY };
  let timer: NodeJS.Timeout | undefined;
  /** When the timer comes. */
  let due = 0;
  let sending = Promise.resolve();
  let stopped = false;

  const isTold = (report: HostReport): boolean =>
    textOf(report) === told.text && performance.now() - told.at < repeatMs;

  const send = async (): Promise<void> => {
    const report = options.report();
    if (isTold(report)) return;
    try {
      await options.send(report);
      told = {
        text: textOf({ ...report, ended: [], swaps: [] }),
        standing: standingOf(report),
        at: performance.now(),
      };
      options.heard(report);
    } catch (error) {
      // A host that serves must not stop because nobody listens; it is told with the next change.
      told = { ...told, at: performance.now() };
      log.warn('fleet not told', { host: report.host, error: reason(error) });
    }
  };
  /** One after another: an old word must not come after a newer one. */
  const now = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    sending = sending.then(send, send);
    return sending;
  };

  return {
    now,
    changed() {
      if (stopped) return;
      const report = options.report();
      if (isTold(report)) return;
      const least = standingOf(report) === told.standing ? options.callsEveryMs : options.everyMs;
      const at = told.at + least;
      // What matters at once does not wait for a call that may be told later.
      if (timer !== undefined && due <= at) return;
      clearTimeout(timer);
      due = at;
      timer = setTimeout(() => void now(), Math.max(0, at - performance.now()));
      timer.unref();
    },
    forget() {
      told = { ...told, text: '', standing: '' };
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      timer = undefined;
    },
  };
};

/** Two moments a little apart are the same news. */
const textOf = (report: HostReport): string =>
  JSON.stringify({ ...report, at: 0, waiting: report.waiting.map(({ model, calls }) => [model, calls]) });

/** What a plan depends on at once; of calls only whether there are any. */
const standingOf = ({ open, refused, swap, away, strangers, running, waiting }: HostReport): string =>
  JSON.stringify([
    open,
    refused,
    swap,
    away,
    strangers,
    running.length > 0,
    waiting.map(({ model }) => model),
  ]);
