import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Answer, type Reader, ReaderGone, startReader } from './reader.ts';
import { gitFailed } from './run.ts';

export interface GitObject {
  readonly oid: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * What a name stands for, e.g. `refs/heads/main^{commit}` or `<commit>:src/a.ts`; undefined where there is no such thing. Names are
 * what `git rev-parse` takes. Throws `GitFailed`.
 */
export const resolveObject = async (
  repo: string,
  name: string,
  signal?: AbortSignal,
): Promise<{ readonly oid: string; readonly type: string; readonly size: number } | undefined> =>
  ask(repo, name, false, signal);

/** One object with its bytes; undefined where there is none. Throws `GitFailed`, also for one of more than 64 MiB. */
export const readObject = async (
  repo: string,
  name: string,
  signal?: AbortSignal,
): Promise<GitObject | undefined> => {
  const there = await ask(repo, name, false, signal);
  if (there === undefined) return;
  if (there.size > mostBytes)
    throw gitFailed(['cat-file', there.type, name], { cwd: repo }, gone(name, `it has ${there.size} bytes`));
  const answer = await ask(repo, there.oid, true, signal);
  return answer && { oid: answer.oid, type: answer.type, bytes: answer.bytes ?? Buffer.alloc(0) };
};

/** What one object may have, bytes: it is held in memory. */
const mostBytes = 64 * 1024 * 1024;

/** Any number of objects by name; those that do not exist are left out. */
export const readObjects = async (
  repo: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, GitObject>> => {
  const found = await Promise.all(
    [...new Set(names)].map(async (name) => [name, await readObject(repo, name, signal)] as const),
  );
  return new Map(found.flatMap(([name, object]) => (object === undefined ? [] : [[name, object] as const])));
};

interface Open {
  readonly reader: Reader;
  /** Which folder it works in: one that was deleted and made again is another. */
  readonly folder: string;
  readonly since: number;
  idle: NodeJS.Timeout | undefined;
}

const readers = new Map<string, Open>();
/** Then it lets go of packs that were deleted meanwhile. */
const oldestMs = 60_000;
const idleMs = 5_000;

const ask = async (
  repo: string,
  name: string,
  withBytes: boolean,
  signal: AbortSignal | undefined,
): Promise<Answer | undefined> => {
  // It would be two questions; and git itself knows no such names.
  if (name.includes('\0')) return;
  let faults = 0;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const open = await readerOf(repo);
    try {
      return await unlessAborted(open.reader.ask(name, withBytes), signal);
    } catch (error) {
      if (!(error instanceof ReaderGone)) throw error;
      if (error.isSuspect) faults++;
      // Who ends a reader twice does so each time, say by a corrupt object; who stood behind such ones is asked again.
      if (faults === 2 || attempt === mostAttempts)
        throw gitFailed(['cat-file', '--batch-command'], { cwd: repo }, gone(name, error.evidence));
    } finally {
      open.idle?.refresh();
    }
  }
};

const mostAttempts = 8;

const gone = (name: string, why: string) => ({ exitCode: null, stderr: `asked for ${name}`, error: why });

const readerOf = async (repo: string): Promise<Open> => {
  const path = resolve(repo);
  const { dev, ino, birthtimeMs } = await stat(path).catch((error: Error) => {
    throw gitFailed(['cat-file'], { cwd: repo }, { exitCode: null, stderr: '', error: error.message });
  });
  const folder = `${dev} ${ino} ${birthtimeMs}`;
  const found = readers.get(path);
  if (found?.reader.isOpen() && found.folder === folder && Date.now() - found.since < oldestMs) return found;
  if (found !== undefined) letGo(path, found);
  const open: Open = { reader: startReader(path), folder, since: Date.now(), idle: undefined };
  open.idle = setTimeout(() => letGo(path, open), idleMs).unref();
  readers.set(path, open);
  return open;
};

const letGo = (path: string, open: Open): void => {
  clearTimeout(open.idle);
  if (readers.get(path) === open) readers.delete(path);
  open.reader.close();
};

const unlessAborted = async <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  // One that came while the reader was started.
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};
