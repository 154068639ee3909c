import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { killTree } from './descendants.ts';
import type { LogFile } from './logFile.ts';
import { markOf, type ProcessMark, signalGroup } from './processes.ts';

/** A program that the town keeps running. */
export interface ChildProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  readonly mark: ProcessMark | undefined;
  /** Resolves at the line `{"ready":true}`; never rejects, since a death is told by `ended`. */
  readonly ready: Promise<void>;
  readonly ended: Promise<ChildEnd>;
  /** Asks it to drain: SIGTERM to the process alone, so that its gates and git children may finish. */
  drain(): void;
  /** Kills it and all that it started: its group, and gates and sandboxes, which have groups of their own. */
  kill(): void;
}

/**
 * Starts a program in a process group of its own, so that the terminal's Ctrl-C reaches only the supervisor, which
 * then drains in order. Its stdin is a pipe that nothing is written to: it closes when the supervisor dies, whichever
 * way, and tells the child to drain (`tether`).
 */
export const startChild = async (program: ChildProgram, log: LogFile): Promise<Child> => {
  const child = spawn(program.command, program.args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: program.env ?? process.env,
  });
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('error', (error) => {
      log.line(`cannot start ${program.command}: ${error.message}`);
      resolve({ code: 127, signal: null });
    });
    // `exit`, not `close`: a grandchild that holds the pipes open must not hide that the child is dead.
    child.once('exit', (code, signal) => setTimeout(resolve, lastWordsMs, { code, signal }));
  });
  child.stdin.on('error', () => {});

  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (isReady(line)) resolve();
      else log.line(line);
    });
  });
  createInterface({ input: child.stderr }).on('line', (line) => log.line(line));

  const pid = child.pid ?? 0;
  return {
    pid,
    mark: pid === 0 ? undefined : await markOf(pid),
    ready,
    ended,
    drain: () => void child.kill('SIGTERM'),
    kill: () => {
      if (pid === 0) return;
      if (child.exitCode === null && child.signalCode === null) killTree(pid);
      signalGroup(pid, 'SIGKILL');
    },
  };
};

/** What a dying child wrote last comes through the pipes a moment after its exit. */
const lastWordsMs = 50;

const isReady = (line: string): boolean => {
  if (!line.startsWith('{')) return false;
  try {
    return (JSON.parse(line) as { ready?: unknown }).ready === true;
  } catch {
    return false;
  }
};
