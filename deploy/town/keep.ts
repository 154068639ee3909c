import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, type ChildEnd, type ChildProgram, startChild } from './child.ts';
import { openLog } from './logFile.ts';
import type { ProcessMark } from './processes.ts';
import { countRestarts, worthTelling } from './restarts.ts';

export type KeptEvent =
  | { readonly kind: 'started'; readonly name: string; readonly pid: number }
  | { readonly kind: 'ready'; readonly name: string; readonly pid: number }
  | {
      readonly kind: 'died';
      readonly name: string;
      readonly pid: number;
      readonly how: string;
      /** Deaths in a row; most of a long row are not told. */
      readonly count: number;
      readonly againInMs: number;
      readonly lastLines: readonly string[];
      readonly log: string;
    };

export interface Kept {
  readonly name: string;
  /** The present process, for `town.json`. */
  readonly mark: () => ProcessMark | undefined;
  /** Whether its present process is ready. */
  readonly ready: () => boolean;
  /** Resolves when a process of it was ready for the first time. */
  readonly firstReady: Promise<void>;
  /** Drains and waits; kills what is left after `graceMs`. Resolves when the process and its group are gone. */
  stop(graceMs: number): Promise<void>;
  /** Kills the process and its group at once; it is not started again. */
  kill(): void;
}

/**
 * Keeps one program running: started again when it dies, slower each time, until told to stop. `program` is asked at
 * each start, since the server's address may have changed.
 */
export const keep = (
  name: string,
  program: () => ChildProgram,
  logPath: string,
  tell: (event: KeptEvent) => void,
  longestRestMs?: number,
): Kept => {
  const log = openLog(logPath, name);
  const stopping = new AbortController();
  const restarts = countRestarts(longestRestMs);
  const first = Promise.withResolvers<void>();
  let child: Child | undefined;
  let isReady = false;

  const live = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const startedAt = Date.now();
      child = await startChild(program(), log);
      const { pid } = child;
      tell({ kind: 'started', name, pid });
      // A stop that came while the process was being made found nobody to tell.
      if (stopping.signal.aborted) child.drain();
      void child.ready.then(() => {
        isReady = true;
        first.resolve();
        tell({ kind: 'ready', name, pid });
      });
      const end = await child.ended;
      isReady = false;
      // Whatever it left in its group would work on without an owner.
      child.kill();
      if (stopping.signal.aborted) return;
      const againInMs = restarts.died(Date.now(), startedAt);
      if (worthTelling(restarts.count)) {
        const { count } = restarts;
        const lastLines = log.last(5);
        tell({ kind: 'died', name, pid, how: howOf(end), count, againInMs, lastLines, log: logPath });
      }
      await sleep(againInMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const lived = live().finally(() => log.close());

  return {
    name,
    mark: () => child?.mark,
    ready: () => isReady,
    firstReady: first.promise,
    async stop(graceMs) {
      stopping.abort();
      child?.drain();
      const timer = setTimeout(() => child?.kill(), graceMs);
      await lived.finally(() => clearTimeout(timer));
    },
    kill() {
      stopping.abort();
      child?.kill();
    },
  };
};

const howOf = (end: ChildEnd): string =>
  end.signal === null ? `exit status ${end.code}` : `killed by ${end.signal}`;
