import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { NetworkRule } from '../../workflows/domain/sandbox/network.ts';
import type { SandboxLimits } from '../../workflows/domain/sandbox/sandboxLimits.ts';
import { fail } from '../failure.ts';
import { admitWhenStarted } from './admission.ts';
import { expectMoves } from './controlGroup.ts';
import { type Launch, launchFor } from './launch.ts';
import { type HeldLimits, openLimits } from './limits.ts';
import { openProxy, type Proxy } from './network/proxy.ts';
import { collect, readOutput } from './output.ts';
import { openPipe } from './pipe.ts';
import { hasOwnProcesses, type Rung } from './rung.ts';
import { openScratch, runName, type Scratch } from './scratch.ts';
import { killMarked, killTree, signalQuietly } from './strays.ts';

export interface SandboxRun {
  readonly rung: Rung;
  /** A line for `sh -c`, or a program with its arguments. */
  readonly command: string | readonly string[];
  readonly cwd: string;
  /** Folders that the command may change. The `.git` directly in one of them stays read-only. */
  readonly writable: readonly string[];
  /** Folders that it may read although something above them is hidden. */
  readonly readOnly?: readonly string[];
  /** Folders that it must not see, besides homes, sockets and temporary files. */
  readonly hidden?: readonly string[];
  /** Where HOME and TMPDIR of the run are made, and removed afterwards. */
  readonly scratch: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly network: NetworkRule;
  /** What it may use; the defaults unless told. */
  readonly limits?: Partial<SandboxLimits> | undefined;
  readonly timeoutMs: number;
  /** Bytes of output after which the command is killed, instead of the limit in MiB. */
  readonly outputLimit?: number;
  readonly signal?: AbortSignal | undefined;
  /** Bytes so far, and what has just come. */
  readonly onOutput?: (bytes: number, chunk: Buffer) => void;
}

export interface SandboxResult {
  /** As a shell says it: 128 + n when a signal ended the command. Undefined when we killed it. */
  readonly exitCode: number | undefined;
  /** The signal that the exit code stands for. */
  readonly signal: NodeJS.Signals | undefined;
  readonly timedOut: boolean;
  readonly flooded: boolean;
  /** What the sandbox did to it, a line each: limits that it met, hosts that it was refused. */
  readonly notes: readonly string[];
  /** Standard output and error as they came, control characters and all. For people: `plainLines`. */
  readonly output: string;
  readonly ms: number;
}

/**
 * Runs one command of a repository and ends every process that it started, however they try to stay: when this returns,
 * nobody writes to the tree any more. A timeout, a flood and a cancel kill at once, without asking.
 *
 * Throws the signal's reason when it was cancelled, and `SandboxUnavailable` when the command was never reached.
 */
export const runSandboxed = async (run: SandboxRun): Promise<SandboxResult> => {
  run.signal?.throwIfAborted();
  const name = runName();
  void expectMoves();
  const [scratch, held] = await Promise.all([
    openScratch(run.scratch, name),
    openLimits(name, run.limits ?? {}, run.timeoutMs),
  ]);
  let proxy: Proxy | undefined;
  try {
    proxy = await proxyFor(run, scratch);
    const launch = await launchFor(run, scratch, held, proxy);
    return await supervise(run, launch, scratch, held, proxy);
  } finally {
    await held.close();
    await proxy?.close();
    await scratch.remove();
  }
};

/** On the rung `none` there is nothing to hold a way out shut, and no need of one through `host`. */
const proxyFor = async (run: SandboxRun, scratch: Scratch): Promise<Proxy | undefined> => {
  if (run.network === false || run.network === 'host' || run.rung.name === 'none') return undefined;
  return openProxy({
    rule: run.network,
    ...(run.rung.name === 'sandbox-exec' ? {} : { folder: scratch.tmp }),
  });
};

const supervise = async (
  run: SandboxRun,
  launch: Launch,
  scratch: Scratch,
  held: HeldLimits,
  proxy: Proxy | undefined,
): Promise<SandboxResult> => {
  const [file = '', ...args] = launch.argv;
  const pipe = await openPipe(run.scratch);
  const begun = performance.now();
  const child = spawn(file, args, {
    cwd: launch.cwd,
    env: launch.env,
    // A session of its own: one signal reaches the group, and there is no terminal to write to.
    detached: true,
    stdio: ['ignore', pipe.writer, 'pipe', 'pipe'],
  });
  const ended = endOf(child);
  // Before any wait: at a child's exit Node throws away what nobody has listened for until then.
  const said = collect(child.stdio[3] as NodeJS.ReadableStream);
  const complaint = collect(child.stderr as NodeJS.ReadableStream);
  const admission = admitWhenStarted(child, hasOwnProcesses(run.rung), held.admit);
  await pipe.closeWriter();

  let cause: 'timeout' | 'flood' | 'cancel' | undefined;
  let killing: Promise<void> | undefined;
  const stop = (why: typeof cause): void => {
    cause ??= why;
    killing ??= killTree(child.pid, hasOwnProcesses(run.rung));
  };
  const output = readOutput(
    pipe.reader,
    run.outputLimit ?? held.limits.outputMiB * 2 ** 20,
    run.onOutput,
    () => stop('flood'),
  );
  const timer = setTimeout(() => stop('timeout'), run.timeoutMs);
  const cancelled = (): void => stop('cancel');
  run.signal?.addEventListener('abort', cancelled, { once: true });
  if (run.signal?.aborted) cancelled();
  try {
    const exit = await ended;
    const ms = performance.now() - begun;
    await killing;
    const counted = exit.code === 0 && cause === undefined ? [] : await held.counted();
    // What stayed in the group, or in the control group, may hold the output open: it goes before we wait for the end.
    if (child.pid !== undefined && !hasOwnProcesses(run.rung)) {
      signalQuietly(-child.pid);
      if (held.complete) await held.close();
      else await killMarked(scratch.folder);
    }
    const { text, quiet } = await output.end();
    await pipe.release(quiet);
    if (cause === 'cancel') throw run.signal?.reason;
    const started = (await said.end()).includes('started');
    const outcast = await admission;
    if ((!started || outcast !== undefined) && cause === undefined) {
      const why =
        outcast === undefined ? '' : `it could not be put into its control group: ${outcast.message}`;
      throw notStarted(run, exit, [await complaint.end(), text, why].join('\n'));
    }
    const exitCode = cause === undefined ? exit.code : undefined;
    return {
      exitCode,
      signal: exitCode === undefined ? undefined : signalIn(exitCode),
      timedOut: cause === 'timeout',
      flooded: cause === 'flood',
      notes: [
        ...held.explain(counted, exitCode, text),
        ...(proxy?.refused() ?? []).map((refused) => `refused: ${refused}`),
      ],
      output: text,
      ms,
    };
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', cancelled);
  }
};

interface Exit {
  readonly code: number;
  readonly error: Error | undefined;
}

const endOf = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, error }));
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), error: undefined }),
    );
  });

const signalIn = (exitCode: number): NodeJS.Signals | undefined => {
  const found = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128);
  return found?.[0] as NodeJS.Signals | undefined;
};

const notStarted = (run: SandboxRun, exit: Exit, complaint: string): Error =>
  fail('SandboxUnavailable', {
    what: `The sandbox (${run.rung.name}) did not start.`,
    evidence: `in ${run.cwd}, exit status ${exit.code}\n${exit.error?.message ?? complaint.trim()}`,
    next: 'Check that the folder exists and that this machine still allows namespaces; then start the town again with: gt up',
  });
