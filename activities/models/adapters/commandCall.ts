import { spawn } from 'node:child_process';
import { clip } from '../../../workflows/domain/failure.ts';
import {
  commandText,
  type Filling,
  filledArguments,
  filledBody,
  filledPath,
} from '../../../workflows/domain/host/commandForm.ts';
import type { HostCommand } from '../../../workflows/domain/host/model.ts';
import { plainLines } from '../../../workflows/domain/text.ts';
import { fail } from '../../failure.ts';
import type { Access } from './driver.ts';

interface Call {
  readonly command: HostCommand;
  /** What it is for, as words for people: `load tiny`. */
  readonly purpose: string;
  readonly filling: Filling | undefined;
  readonly timeoutMs: number;
}

/** Lists of models are longer than complaints. */
const mostOutput = 1024 * 1024;
const lastCharacters = 1_500;

/**
 * Does what the configuration says, and gives what came out. A program runs without a shell, so that a name stays one argument
 * whatever it holds, with an environment that has no key of the town in it; one that takes too long dies with all that it started.
 */
export const callCommand = async (access: Access, call: Call, signal: AbortSignal): Promise<string> => {
  const { command, filling, timeoutMs } = call;
  if ('argv' in command) return run(access, call, filledArguments(command.argv, filling), signal);
  const body = command.body === undefined ? {} : { body: filledBody(command.body, filling) as object };
  const path = filledPath(command.path, filling);
  return access.askText({ method: command.method, path, ...body, timeoutMs }, signal);
};

const run = async (
  { host }: Access,
  { command, purpose, filling, timeoutMs }: Call,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<string> => {
  signal.throwIfAborted();
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    cwd: '/',
    env: sealed(),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, which one signal ends.
    detached: true,
  });
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < mostOutput) output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-lastCharacters);
  });
  const clock = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, clock]);
  const kill = (): void => killGroup(child.pid);
  stop.addEventListener('abort', kill, { once: true });
  const fault = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, by) => resolve(code === 0 ? undefined : `exit status ${code ?? by}`));
  });
  stop.removeEventListener('abort', kill);
  // A server that was started and goes on is what some loads are for; what a failed one left behind is not.
  if (fault !== undefined) killGroup(child.pid);
  await settled(child.stdout);
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  signal.throwIfAborted();
  if (fault === undefined) return output;
  throw fail(clock.aborted ? 'HostWedged' : 'HostDown', {
    what: `The command of host ${host.name} to ${purpose} ${clock.aborted ? `did not end within ${timeoutMs} ms` : 'failed'}.`,
    evidence: clip(
      `${commandText(command, filling)}: ${fault}\n${plainLines(`${complaint}\n${output.slice(-lastCharacters)}`)}`.trim(),
    ),
    next: `It is tried again. If it stays so, correct hosts.${host.name}.commands in gastown.yaml, then gt down and gt up.`,
  });
};

/** The last output may come after the exit; who goes on in the background may hold the pipe open. */
const settled = async (stream: NodeJS.ReadableStream & { readonly closed?: boolean }): Promise<void> => {
  if (stream.closed === true) return;
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, lastWordsMs);
    stream.once('close', () => {
      clearTimeout(late);
      resolve();
    });
  });
};

const lastWordsMs = 500;

const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
};

/** What programs need to find themselves, the person's agents and their session; none of the town's keys. */
const kept = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LANG', 'SSH_AUTH_SOCK'],
  ...['XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'],
];

const sealed = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
