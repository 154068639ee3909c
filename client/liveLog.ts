import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainLines } from '../workflows/domain/text.ts';

const everyMs = 250;
/** Bytes that one look takes at most: whoever comes late to a long turn sees its end soon enough. */
const mostAtOnce = 64 * 1_024;

/**
 * What a bead's model writes and its gates say, in whole lines that are safe for a terminal, until the signal is aborted. Another
 * process writes the file, puts a new one in its place with each turn and removes it in the end.
 */
export async function* followLive(
  home: string,
  bead: string,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const path = join(home, 'live', `${bead}.log`);
  let turn: LiveTurn | undefined;
  try {
    for (;;) {
      const ending = signal.aborted;
      // Asked before it is read: what was in the file when another took its place is then read to the end.
      const inode = await inodeAt(path);
      turn ??= await openTurn(path);
      const lines = turn === undefined ? [] : await readOn(turn);
      if (lines.length > 0) {
        yield lines;
        continue;
      }
      const isOver = turn !== undefined && inode !== undefined && inode !== turn.inode;
      if (turn !== undefined && (isOver || ending) && turn.rest.trim() !== '') yield [plainLines(turn.rest)];
      if (isOver) {
        await turn?.file.close();
        turn = undefined;
      } else if (ending) return;
      else await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    await turn?.file.close();
  }
}

/** The file of one turn, and how far it has been read. */
interface LiveTurn {
  readonly file: FileHandle;
  readonly inode: number;
  at: number;
  /** A line that is not whole yet; it is read again when it is. */
  rest: string;
}

const inodeAt = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  );

const openTurn = async (path: string): Promise<LiveTurn | undefined> => {
  const file = await open(path, 'r').catch(() => undefined);
  return file === undefined ? undefined : { file, inode: (await file.stat()).ino, at: 0, rest: '' };
};

const readOn = async (turn: LiveTurn): Promise<readonly string[]> => {
  const buffer = Buffer.alloc(mostAtOnce);
  const { bytesRead } = await turn.file.read(buffer, 0, buffer.length, turn.at);
  const got = buffer.subarray(0, bytesRead);
  // Whole lines only, so that no character and no escape is cut in two; a line without an end is let go at some point.
  const end = got.lastIndexOf(10) + 1;
  const cut = end === 0 && got.length < mostAtOnce ? 0 : end === 0 ? got.length : end;
  const text = got.subarray(0, cut).toString('utf8');
  turn.at += cut;
  turn.rest = got.subarray(cut).toString('utf8');
  return text === '' ? [] : plainLines(text).replace(/\n$/, '').split('\n');
};
