import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { plumbingEnvironment } from '../../deploy/machine/gitEnvironment.ts';
import { keepsAlive } from './keepsAlive.ts';

/** What `git cat-file` says of one name; `bytes` only where they were asked for. */
export interface Answer {
  readonly oid: string;
  readonly type: string;
  /** Bytes of the object. */
  readonly size: number;
  readonly bytes: Buffer | undefined;
}

interface Question {
  readonly name: string;
  readonly withBytes: boolean;
  readonly settle: (answer: Answer | undefined) => void;
  readonly fail: (why: ReaderGone) => void;
}

/** The reader ended with questions open; `evidence` is what it last said. */
export class ReaderGone extends Error {
  readonly evidence: string;
  /** Whether it was at this very question: the others only stood behind it. */
  readonly isSuspect: boolean;
  constructor(evidence: string, isSuspect: boolean) {
    super(`git cat-file ended: ${evidence}`);
    this.evidence = evidence;
    this.isSuspect = isSuspect;
  }
}

/** A git that answers by object name, as long as it is asked. */
export interface Reader {
  /** By any name without a NUL: questions end with one, since paths may have line breaks. */
  readonly ask: (name: string, withBytes: boolean) => Promise<Answer | undefined>;
  /** Whether it takes further questions. */
  readonly isOpen: () => boolean;
  /** Ends it when all that was asked is answered. */
  readonly close: () => void;
}

/**
 * One `git cat-file --batch-command` in a bare repository: an answer takes a tenth of a millisecond where a process of its own takes
 * 5 to 10 ms on a busy machine. It sees refs and objects that are written meanwhile, for it looks each up when it is asked, and packs
 * again when one is missing; it does not see new alternates, nor that a shortened id has
 * become ambiguous. A hanging one is ended after `timeoutMs`.
 */
export const startReader = (repo: string, timeoutMs = 120_000): Reader => {
  // Not in the repository's folder: a git that stands there counts as the owner of locks that dead ones left.
  const child: ChildProcess = spawn('git', [`--git-dir=${repo}`, 'cat-file', '--batch-command', '-z'], {
    cwd: '/',
    env: plumbingEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const open: Question[] = [];
  let parts: Buffer[] = [];
  let length = 0;
  // Joined only when an answer can be whole: at each part it would cost the square of what a large object has.
  let wanted = 1;
  let stderr = '';
  let ended: string | undefined;
  let watch: NodeJS.Timeout | undefined;

  const end = (why: string): void => {
    if (ended !== undefined) return;
    ended = stderr.trim() === '' ? why : `${why}: ${stderr.trim()}`;
    clearTimeout(watch);
    hold(child, false);
    child.kill('SIGKILL');
    for (const [at, question] of open.splice(0).entries()) question.fail(new ReaderGone(ended, at === 0));
  };
  const hung = (): void => end(`no answer in ${timeoutMs / 1_000} s`);
  const next = (): void => {
    clearTimeout(watch);
    if (open.length === 0) hold(child, false);
    else watch = setTimeout(hung, timeoutMs);
  };

  child.once('error', (cause) => end(cause.message));
  // `close` and not `exit`: answers and last words may still be in the pipes.
  child.once('close', (code, signal) => end(signal === null ? `exit status ${code}` : `ended by ${signal}`));
  // Without streams where there were no descriptors left for them; `error` then says so.
  child.stdin?.on('error', () => {});
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-4_096);
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    parts.push(chunk);
    length += chunk.length;
    if (length < wanted) return;
    let read = parts.length === 1 ? chunk : Buffer.concat(parts, length);
    wanted = 1;
    for (let [question] = open; question !== undefined && read.length > 0; [question] = open) {
      const taken = takeAnswer(read, question);
      if (taken === undefined) return end(`it said ${JSON.stringify(read.toString('latin1', 0, 200))}`);
      wanted = taken.length;
      if (taken.length > read.length) break;
      read = read.subarray(taken.length);
      wanted = 1;
      open.shift();
      question.settle(taken.answer);
      next();
    }
    parts = [read];
    length = read.length;
  });
  hold(child, false);

  return {
    isOpen: () => ended === undefined && child.stdin?.writable === true,
    close: () => child.stdin?.end(),
    ask: (name, withBytes) =>
      new Promise((settle, fail) => {
        if (ended !== undefined) return fail(new ReaderGone(ended, false));
        open.push({ name, withBytes, settle, fail });
        if (open.length === 1) {
          hold(child, true);
          next();
        }
        child.stdin?.write(`${withBytes ? 'contents' : 'info'} ${name}\0`);
      }),
  };
};

/** An idle reader must not keep a process from its end; its own end it finds in a closed pipe. */
const hold = (child: ChildProcess, keeps: boolean): void => {
  const pipes = [child.stdin, child.stdout, child.stderr] as readonly unknown[] as readonly (Socket | null)[];
  keepsAlive([child, ...pipes], keeps);
};

/**
 * The first answer of what was read: `<oid> <type> <size>` and where asked the bytes, or the name as it was asked for (line breaks
 * and all) with `missing` or `ambiguous`; newer gits say `<oid> submodule` of one whose commit is elsewhere. With a `length` beyond
 * what was read it is not whole yet; undefined: it is no answer to this question.
 */
const takeAnswer = (
  read: Buffer,
  { name, withBytes }: Question,
): { readonly length: number; readonly answer?: Answer | undefined } | undefined => {
  for (const word of ['missing', 'ambiguous']) {
    const said = Buffer.from(`${name} ${word}\n`);
    const compared = Math.min(said.length, read.length);
    if (said.compare(read, 0, compared, 0, compared) === 0) return { length: said.length };
  }
  const line = read.subarray(0, longestHeader).indexOf(10);
  if (line < 0) return read.length < longestHeader ? { length: read.length + 1 } : undefined;
  const header = read.toString('latin1', 0, line);
  if (/^[0-9a-f]{40,64} submodule$/.test(header)) return { length: line + 1 };
  const [, oid, type, size] = /^([0-9a-f]{40,64}) ([a-z]+) (\d+)$/.exec(header) ?? [];
  if (oid === undefined || type === undefined) return;
  const found = { oid, type, size: Number(size) };
  if (!withBytes) return { length: line + 1, answer: { ...found, bytes: undefined } };
  const end = line + 1 + found.size;
  return { length: end + 1, answer: { ...found, bytes: read.subarray(line + 1, end) } };
};

const longestHeader = 128;
