import { join } from 'node:path';
import { type KeptEvent, keep } from './keep.ts';
import type { ProcessMark } from './processes.ts';
import type { WorkerKind, WorkerSetting } from './programs.ts';
import { TownError } from './trouble.ts';

export interface KeptWorkers {
  /** Every worker has polled once. Rejects with `WorkerFailed` when one dies again and again before it does. */
  readonly ready: Promise<void>;
  readonly marks: () => readonly {
    readonly role: WorkerKind['role'];
    readonly mark: ProcessMark | undefined;
  }[];
  /** Drains all at once; kills what is left after `graceMs`. */
  stop(graceMs: number): Promise<void>;
  kill(): void;
}

/** A worker that dies this often in a row without ever having polled will not do so the next time. */
const hopeless = 3;

/** Keeps the town's worker processes running. `setting` is asked at each start. */
export const keepWorkers = (
  kinds: readonly WorkerKind[],
  setting: () => WorkerSetting,
  logs: string,
  tell: (event: KeptEvent) => void,
  longestRestMs?: number,
): KeptWorkers => {
  const polled = new Set<string>();
  const failed = Promise.withResolvers<never>();
  const heard = (event: KeptEvent): void => {
    tell(event);
    if (event.kind === 'ready') polled.add(event.name);
    if (event.kind === 'died' && event.count >= hopeless && !polled.has(event.name)) {
      failed.reject(workerFailed(event));
    }
  };

  const workers = kinds.flatMap(({ role, count, program }) =>
    Array.from({ length: count }, (_, index) => {
      const name = `${role}-${index + 1}`;
      const log = join(logs, `${name}.log`);
      return { role, kept: keep(name, () => program(setting()), log, heard, longestRestMs) };
    }),
  );
  const allPolled = Promise.all(workers.map(({ kept }) => kept.firstReady)).then(() => {});
  const ready = Promise.race([allPolled, failed.promise]);
  // Whoever does not care for readiness must not be ended by its failure.
  ready.catch(() => {});

  return {
    ready,
    marks: () => workers.map(({ role, kept }) => ({ role, mark: kept.mark() })),
    async stop(graceMs) {
      await Promise.all(workers.map(({ kept }) => kept.stop(graceMs)));
    },
    kill() {
      for (const { kept } of workers) kept.kill();
    },
  };
};

const workerFailed = (death: KeptEvent & { kind: 'died' }): TownError =>
  new TownError({
    type: 'WorkerFailed',
    what: `The worker ${death.name} ended ${death.count} times before it took any work.`,
    evidence: [death.how, ...death.lastLines].join('\n'),
    next: `Read ${death.log}, correct what it says, and run \`gt up\` again.`,
  });
