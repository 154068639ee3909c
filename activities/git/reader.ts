import { type ChildProcess, spawn } from 'node:child_process';
import { plumbingEnvironment } from '../../deploy/machine/gitEnvironment.ts';

/** What `git cat-file` says of one name; `bytes` only where they were asked for. */
export interface Answer {
  readonly oid: string;
  readonly type: string;
  /** Bytes of the object. */
  readonly size: number;
  readonly bytes: Buffer | undefined;
}

interface Question {
  readonly command: string;
  readonly withBytes: boolean;
  readonly settle: (answer: Answer | undefined) => void;
  readonly fail: (why: ReaderGone) => void;
}

/** The reader ended with questions open; `evidence` is what it last said. */
export class ReaderGone extends Error {
  readonly evidence: string;
  constructor(evidence: string) {
    super(`git cat-file ended: ${evidence}`);
    this.evidence = evidence;
  }
}

/** A git that answers by object name, as long as it is asked. */
export interface Reader {
  readonly ask: (name: string, withBytes: boolean) => Promise<Answer | undefined>;
  /** Whether it takes further questions. */
  readonly isOpen: () => boolean;
  /** Ends it when all that was asked is answered. */
  readonly close: () => void;
}

/**
 * One `git cat-file --batch-command` in a bare repository: an answer takes a tenth of a millisecond where a process of its own takes
 * 5 to 10 ms on a busy machine. It sees refs and objects that are written meanwhile, for it looks each up when it is asked, and packs
 * again when one is missing; it does not see new alternates. A hanging one is ended after `timeoutMs`.
 */
export const startReader = (repo: string, timeoutMs = 120_000): Reader => {
  // Not in the repository's folder: a git that stands there counts as the owner of locks that dead ones left.
  const child = spawn('git', [`--git-dir=${repo}`, 'cat-file', '--batch-command'], {
    cwd: '/',
    env: plumbingEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const open: Question[] = [];
  let read: Buffer = Buffer.alloc(0);
  let stderr = '';
  let ended: string | undefined;
  let watch: NodeJS.Timeout | undefined;

  const end = (why: string): void => {
    if (ended !== undefined) return;
    ended = stderr.trim() === '' ? why : `${why}: ${stderr.trim()}`;
    clearTimeout(watch);
    keepsAlive(child, false);
    child.kill('SIGKILL');
    for (const question of open.splice(0)) question.fail(new ReaderGone(ended));
  };
  const hung = (): void => end(`no answer in ${timeoutMs / 1_000} s`);
  const next = (): void => {
    clearTimeout(watch);
    if (open.length === 0) keepsAlive(child, false);
    else watch = setTimeout(hung, timeoutMs);
  };

  child.once('error', (cause) => end(cause.message));
  // `close` and not `exit`: answers and last words may still be in the pipes.
  child.once('close', (code, signal) => end(signal === null ? `exit status ${code}` : `ended by ${signal}`));
  child.stdin.on('error', () => {});
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-4_096);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    read = read.length === 0 ? chunk : Buffer.concat([read, chunk]);
    for (;;) {
      const [question] = open;
      const taken = question && takeAnswer(read, question.withBytes);
      if (taken === undefined) return;
      read = read.subarray(taken.length);
      open.shift();
      question?.settle(taken.answer);
      next();
    }
  });
  keepsAlive(child, false);

  return {
    isOpen: () => ended === undefined && !child.stdin.writableEnded,
    close: () => child.stdin.end(),
    ask: (name, withBytes) =>
      new Promise((settle, fail) => {
        if (ended !== undefined) return fail(new ReaderGone(ended));
        open.push({ command: name, withBytes, settle, fail });
        if (open.length === 1) {
          keepsAlive(child, true);
          next();
        }
        child.stdin.write(`${withBytes ? 'contents' : 'info'} ${name}\n`);
      }),
  };
};

/** An idle reader must not keep a process from its end; its own end it finds in a closed pipe. */
const keepsAlive = (child: ChildProcess, keeps: boolean): void => {
  const streams = [child.stdin, child.stdout, child.stderr] as readonly unknown[] as readonly (Pick<
    ChildProcess,
    'ref' | 'unref'
  > | null)[];
  for (const one of [child, ...streams]) {
    if (keeps) one?.ref();
    else one?.unref();
  }
};

/** The first answer of what was read: `<oid> <type> <size>` and where asked the bytes, or a name with `missing` or `ambiguous`. */
const takeAnswer = (
  read: Buffer,
  withBytes: boolean,
): { readonly length: number; readonly answer: Answer | undefined } | undefined => {
  const line = read.indexOf(10);
  if (line < 0) return;
  const [, oid, type, size] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(read.toString('utf8', 0, line)) ?? [];
  if (oid === undefined || type === undefined) return { length: line + 1, answer: undefined };
  const header = { oid, type, size: Number(size) };
  if (!withBytes) return { length: line + 1, answer: { ...header, bytes: undefined } };
  const end = line + 1 + header.size;
  if (read.length <= end) return;
  return { length: end + 1, answer: { ...header, bytes: read.subarray(line + 1, end) } };
};
