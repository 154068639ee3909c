import { availableParallelism, constants as os, totalmem } from 'node:os';
import {
  defaultMemoryMiB,
  defaultSandboxLimits,
  type MetLimit,
  metLimitWords,
  type SandboxLimits,
} from '../../workflows/domain/sandbox/sandboxLimits.ts';
import { makeControlGroup } from './controlGroup.ts';
import { findProgram } from './programs.ts';

/** What bounds one run: a control group where one can be made, and the limits that every process inherits. */
export interface HeldLimits {
  readonly limits: SandboxLimits;
  /** Takes the shell in that starts the command; undefined where there is no control group. */
  readonly admit: ((pid: number) => Promise<void>) | undefined;
  /** Put before the command in the sandbox. */
  readonly inside: readonly string[];
  /** For the shell that starts the command. */
  readonly ulimits: string;
  /** Whether it knows every process of the run, so that `close` ends them all. */
  readonly complete: boolean;
  /** What the kernel counted so far; to be asked before `close`. */
  readonly counted: () => Promise<readonly MetLimit[]>;
  /** In words, the limits that explain how a red run ended. */
  readonly explain: (
    counted: readonly MetLimit[],
    exitCode: number | undefined,
    output: string,
  ) => readonly string[];
  /** Kills what is left of the run, and forgets it. */
  readonly close: () => Promise<void>;
}

/**
 * Sets up the limits of a run. Without a control group the kernel counts no run, only processes: then each has the
 * run's memory as its own limit of data (not of address space, of which Node, Go and Java reserve far more than they
 * use), and the user's process limit stands in, which the kernel does not hold against root. In a user namespace that
 * limit counts the processes of the namespace alone.
 */
export const openLimits = async (
  name: string,
  given: Partial<SandboxLimits>,
  timeoutMs: number,
): Promise<HeldLimits> => {
  const limits = concrete(given);
  const group = await makeControlGroup(name, limits);
  const controllers = group?.controllers ?? [];
  const prlimit =
    controllers.includes('pids') || process.getuid?.() === 0 ? undefined : await findProgram('prlimit');
  return {
    limits,
    admit: group?.admit,
    inside: prlimit === undefined ? [] : [prlimit, `--nproc=${limits.processes}`],
    ulimits: ulimits(limits, timeoutMs, controllers.includes('memory')),
    complete: group !== undefined,
    counted: async () => (await group?.met()) ?? [],
    explain: (counted, exitCode, output) => {
      if (exitCode === 0) return [];
      const told = toldBy(exitCode, output, controllers.includes('memory'));
      return [...new Set([...counted, ...told])].map((limit) => metLimitWords(limit, limits));
    },
    close: async () => group?.close(),
  };
};

/** The limits of a run with what the machine decides. */
export const concrete = (given: Partial<SandboxLimits>): SandboxLimits => ({
  ...defaultSandboxLimits,
  ...given,
  memoryMiB: given.memoryMiB ?? defaultMemoryMiB(totalmem()),
});

/** A machine may give less than we ask for: then that holds, and nothing is said of it. */
const ulimits = (limits: SandboxLimits, timeoutMs: number, hasGroup: boolean): string =>
  [
    '-c 0',
    // In blocks of 512 bytes, as POSIX has it.
    `-f ${limits.fileMiB * 2_048}`,
    `-n ${limits.openFiles}`,
    // No process can use more before its timeout; what got away from us without a sandbox ends by this.
    `-t ${Math.ceil((timeoutMs / 1_000) * availableParallelism()) + 5}`,
    ...(hasGroup || limits.memoryMiB === undefined ? [] : [`-d ${limits.memoryMiB * 1_024}`]),
  ]
    .map((option) => `ulimit ${option} 2>/dev/null;`)
    .join(' ');

/** What the end of a command tells: by its status, else by the last that it said, since programs may see to it themselves. */
const toldBy = (exitCode: number | undefined, output: string, hasGroup: boolean): readonly MetLimit[] => {
  if (exitCode === undefined) return [];
  if (exitCode === 128 + os.signals.SIGXFSZ) return ['file'];
  if (exitCode === 128 + os.signals.SIGXCPU) return ['cpuTime'];
  const last = output.slice(-2_000);
  const noMemory =
    !hasGroup &&
    /\bENOMEM\b|allocate memory|bad_alloc|MemoryError|out of memory|allocation[ _]failed/i.test(last);
  return [
    ...(/\bEFBIG\b|File too large/.test(last) ? (['fileSaid'] as const) : []),
    ...(noMemory ? (['memorySaid'] as const) : []),
  ];
};
