import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { clip } from '../../workflows/domain/failure.ts';
import { TownError } from '../town/trouble.ts';
import { claimDatabase, endOrphan, releaseDatabase } from './claim.ts';
import { devServerFlags } from './flags.ts';
import { freePort, loopback } from './ports.ts';
import { untilServing } from './serving.ts';
import { endWithUs } from './watchdog.ts';

export interface DevServerOptions {
  /** Path of a `temporal` command line. */
  readonly binary: string;
  /** SQLite file that holds every history. In memory without it. */
  readonly dbFile?: string | undefined;
  readonly namespace: string;
  /** Wanted ports, taken when they are free, so that a town keeps its addresses. Any free ones without them. */
  readonly port?: number | undefined;
  readonly uiPort?: number | undefined;
  /** False: no Web UI. */
  readonly ui?: boolean;
  /** What the server says is appended here. */
  readonly logFile: string;
  /** Ends a start that nobody waits for any more. */
  readonly signal?: AbortSignal;
}

export interface DevServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface DevServer {
  /** `host:port` of the frontend. */
  readonly address: string;
  readonly uiUrl: string | undefined;
  readonly pid: number;
  readonly namespace: string;
  /** Ends the server: SIGTERM (about 1 s), after 10 s SIGKILL. */
  stop(): Promise<void>;
  /** Resolves when the server has ended, for whatever reason. Never rejects. */
  readonly exited: Promise<DevServerExit>;
}

/**
 * Starts a Temporal server of our own on loopback and waits until the namespace serves, with its retention and search
 * attributes. It leads its own process group, so Ctrl-C in the terminal does not end it before the workers have
 * drained; it ends when we die in any way (`watchdog.ts`), and the next start on the same file goes on where it was.
 * Throws `DevServerFailed` with the end of its log; `DatabaseInUse` when another program serves the file.
 */
export const startDevServer = async (options: DevServerOptions): Promise<DevServer> => {
  if (options.dbFile !== undefined) await endOrphan(options.dbFile);
  for (let attempt = 1; ; attempt++) {
    const started = await tryStart(options);
    if ('address' in started) return started;
    // Between our look at a port and the server's bind, somebody else may take it.
    if (attempt >= 3 || !started.log.includes('address already in use')) throw startFailed(options, started);
  }
};

interface FailedStart {
  readonly log: string;
  readonly why: string;
}

const tryStart = async (options: DevServerOptions): Promise<DevServer | FailedStart> => {
  options.signal?.throwIfAborted();
  const port = await freePort(options.port);
  const uiPort = options.ui === false ? undefined : await freePort(options.uiPort);
  const log = await openLog(options.logFile);
  const { child, exited } = await launch(options, devServerFlags({ ...options, port, uiPort }), log.fd);
  await log.close();
  const pid = child.pid;
  if (pid === undefined) return { log: '', why: (await exited).error ?? 'could not be started' };

  const callOff = endWithUs(pid);
  void exited.then(callOff);
  const server: DevServer = {
    address: `${loopback}:${port}`,
    uiUrl: uiPort === undefined ? undefined : `http://${loopback}:${uiPort}`,
    pid,
    namespace: options.namespace,
    exited,
    stop: async () => {
      await end(child, exited);
      if (options.dbFile !== undefined) await releaseDatabase(options.dbFile);
    },
  };
  try {
    if (options.dbFile !== undefined) await claimDatabase(options.dbFile, pid);
    await untilServing(server, options.signal);
    return server;
  } catch (error) {
    await server.stop();
    options.signal?.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    return { why, log: await logSince(options.logFile, log.size) };
  }
};

type Ended = DevServerExit & { readonly error?: string };

/** The server gets none of our environment but what programs need: no keys, no `TEMPORAL_*`. */
const launch = async (
  options: DevServerOptions,
  args: string[],
  log: number,
): Promise<{ child: ChildProcess; exited: Promise<Ended> }> => {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(options.binary, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: Object.fromEntries(
      Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined),
    ),
  });
  const exited = new Promise<Ended>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error: error.message }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return { child, exited };
};

const end = async (child: ChildProcess, exited: Promise<unknown>): Promise<void> => {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(timer);
};

const openLog = async (path: string): Promise<{ fd: number; size: number; close(): Promise<void> }> => {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a');
  const { size } = await file.stat();
  return { fd: file.fd, size, close: () => file.close() };
};

const logSince = async (path: string, offset: number): Promise<string> =>
  (await readFile(path)).subarray(offset).toString('utf8');

const startFailed = (options: DevServerOptions, failed: FailedStart): TownError =>
  new TownError({
    type: 'DevServerFailed',
    what: `The Temporal server did not start: ${failed.why}.`,
    evidence: clip(
      [`${options.binary} server start-dev …`, ...failed.log.trim().split('\n').slice(-12)].join('\n').trim(),
    ),
    next: `Look into ${options.logFile}; check the binary with \`${options.binary} --version\`.`,
  });
