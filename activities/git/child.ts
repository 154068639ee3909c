import { type ChildProcess, spawn } from 'node:child_process';
import { plumbingEnvironment, transportEnvironment } from '../../deploy/machine/gitEnvironment.ts';
import type { GitOptions } from './run.ts';

export interface Ended {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly exitCode: number | null;
  /** Why there is no exit code that means anything. */
  readonly error: string | undefined;
}

/**
 * One git process, to its end; never throws. By `spawn` and not execa: a bead costs some 15 git calls, and execa took 4.5 to
 * 5.3 ms of this process's own time for each, `spawn` 2.8 (200 `rev-parse` in a row on 2 cores).
 */
export const endOfGit = (args: readonly string[], options: GitOptions): Promise<Ended> =>
  new Promise((resolve) => {
    const transport = options.profile === 'transport';
    const base = transport ? transportEnvironment() : plumbingEnvironment();
    const child = spawn('git', transport ? ['-c', 'core.hooksPath=/dev/null', ...args] : args, {
      cwd: options.cwd,
      env: options.env === undefined ? base : { ...base, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      // Its own session: ssh finds no terminal to ask on, and ssh and helpers end together with git.
      detached: transport,
    });
    const out: Buffer[] = [];
    let printed = 0;
    let stderr = '';
    let error: string | undefined;
    let last: NodeJS.Timeout | undefined;

    const end = (why: string): void => {
      if (error !== undefined) return;
      error = why;
      // SIGTERM first: git then removes its own lock files.
      kill(child, transport, 'SIGTERM');
      last = setTimeout(() => kill(child, transport, 'SIGKILL'), 2_000);
    };
    const onAbort = (): void => end('ended, because the work was cancelled');
    const timeoutMs = options.timeoutMs ?? (transport ? 600_000 : 120_000);
    const timer = setTimeout(
      () => end(`ended, because it took longer than ${timeoutMs / 1000} s`),
      timeoutMs,
    );
    const settle = (exitCode: number | null): void => {
      clearTimeout(timer);
      clearTimeout(last);
      running.delete(child);
      options.signal?.removeEventListener('abort', onAbort);
      resolve({
        stdout: out.length === 1 ? (out[0] as Buffer) : Buffer.concat(out),
        stderr,
        exitCode,
        error,
      });
    };

    child.once('error', (cause) => {
      error ??= cause.message;
      // No process, so no `close` either.
      if (child.pid === undefined) settle(null);
    });
    child.once('close', (exitCode, signal) => {
      if (exitCode === null) error ??= `ended by ${signal}`;
      settle(exitCode);
    });
    if (child.pid === undefined) return;
    if (transport) follow(child);

    options.signal?.addEventListener('abort', onAbort, { once: true });
    const maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.length;
      if (printed <= maxBytes) out.push(chunk);
      else end(`ended, because it printed more than ${maxBytes} bytes`);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-stderrBytes);
    });
    // A git that ends early closes its input; its exit code says why.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
  });

const kill = (child: ChildProcess, group: boolean, signal: NodeJS.Signals): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (group) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // Gone in between.
  }
};

/** Transport children have a session of their own, so a Ctrl-C does not reach them: they end with this process. */
const follow = (child: ChildProcess): void => {
  if (!following) {
    following = true;
    process.once('exit', () => {
      for (const each of running) kill(each, true, 'SIGKILL');
    });
  }
  running.add(child);
};
const running = new Set<ChildProcess>();
let following = false;

const stderrBytes = 64 * 1024;
