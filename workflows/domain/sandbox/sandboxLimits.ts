/** What one run of a command may use: a gate, a set-up, a command that a polecat looks around with. */
export interface SandboxLimits {
  /** Of all its processes together; undefined: three quarters of what the machine has. */
  readonly memoryMiB: number | undefined;
  /** Processors' worth of time, such as 1.5; undefined: all of them. */
  readonly cpus: number | undefined;
  /** Processes and threads at a time. */
  readonly processes: number;
  /** Files that one process may have open. */
  readonly openFiles: number;
  /** The largest file that it may write. */
  readonly fileMiB: number;
  /** Files in memory: /dev/shm. */
  readonly shmMiB: number;
  /** What it may print. */
  readonly outputMiB: number;
}

/** Far above what builds and tests need, far below what stops a machine. */
export const defaultSandboxLimits: SandboxLimits = {
  memoryMiB: undefined,
  cpus: undefined,
  processes: 4_096,
  openFiles: 65_536,
  fileMiB: 4_096,
  shmMiB: 512,
  outputMiB: 8,
};

/** A limit that a command met: by what the kernel counted or did, or only by the command's own words. */
export type MetLimit = 'memory' | 'memorySaid' | 'processes' | 'file' | 'fileSaid' | 'cpuTime';

/** What happened, and the setting that raises it, in one line for people and polecats. */
export const metLimitWords = (met: MetLimit, limits: SandboxLimits): string => {
  const raise = (setting: keyof SandboxLimits): string => `(the rig's limits.${setting} raises it)`;
  const memory = count(limits.memoryMiB ?? 0);
  switch (met) {
    case 'memory':
      return `killed at ${memory} MiB of memory ${raise('memoryMiB')}`;
    case 'memorySaid':
      return `it says that memory ran out: a process has ${memory} MiB ${raise('memoryMiB')}`;
    case 'processes':
      return `stopped at ${count(limits.processes)} processes at a time ${raise('processes')}`;
    case 'file':
      return `stopped at a file of ${count(limits.fileMiB)} MiB ${raise('fileMiB')}`;
    case 'fileSaid':
      return `it says that a file was too large: the most is ${count(limits.fileMiB)} MiB ${raise('fileMiB')}`;
    case 'cpuTime':
      return 'killed: one process used more processor time than its timeout gives';
  }
};

/** The memory that a run has when none is set, by what the machine has. */
export const defaultMemoryMiB = (machineBytes: number): number =>
  Math.max(512, Math.floor((machineBytes / 2 ** 20) * 0.75));

const count = (value: number): string => value.toLocaleString('en-US');
