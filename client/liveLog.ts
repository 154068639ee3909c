import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainLines } from '../workflows/domain/text.ts';

const everyMs = 250;
/** Bytes that one look takes at most: whoever comes late to a long turn sees its end soon enough. */
const mostAtOnce = 64 * 1_024;
/** Enough of a file's first line to tell one turn from the next. */
const headBytes = 30;

/**
 * What a bead's model writes and its gates say, in whole lines that are safe for a terminal, until the signal is aborted. Another
 * process writes the file, begins it anew with each turn and removes it in the end.
 */
export async function* followLive(
  home: string,
  bead: string,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const path = join(home, 'live', `${bead}.log`);
  let place: LivePlace = { head: '', at: 0, rest: '' };
  for (;;) {
    const ending = signal.aborted;
    const found = await readOn(path, place);
    place = found.place;
    if (found.lines.length > 0) yield found.lines;
    // Once more after the end: the last words may have come with it.
    if (ending) {
      if (place.rest.trim() !== '') yield [plainLines(place.rest)];
      return;
    }
    if (found.lines.length === 0) await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}

/** How far a file has been read, and which turn it was of. */
interface LivePlace {
  readonly head: string;
  readonly at: number;
  /** A line that is not whole yet; it is read again when it is. */
  readonly rest: string;
}

const readOn = async (
  path: string,
  place: LivePlace,
): Promise<{ readonly lines: readonly string[]; readonly place: LivePlace }> => {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return { lines: [], place };
  try {
    const head = await bytesAt(file, 0, headBytes);
    const isOther = head !== place.head && !(place.at <= headBytes && head.startsWith(place.head));
    const { size } = await file.stat();
    const from = isOther || size < place.at ? 0 : place.at;
    const buffer = Buffer.alloc(Math.min(mostAtOnce, Math.max(0, size - from)));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const got = buffer.subarray(0, bytesRead);
    // Whole lines only, so that no character and no escape is cut in two; a line without an end is let go at some point.
    const end = got.lastIndexOf(10) + 1;
    const cut = end === 0 && got.length < mostAtOnce ? 0 : end === 0 ? got.length : end;
    const text = got.subarray(0, cut).toString('utf8');
    const rest = got.subarray(cut).toString('utf8');
    const lines = text === '' ? [] : plainLines(text).replace(/\n$/, '').split('\n');
    return { lines, place: { head, at: from + cut, rest } };
  } catch {
    return { lines: [], place };
  } finally {
    await file.close();
  }
};

const bytesAt = async (
  file: Awaited<ReturnType<typeof open>>,
  at: number,
  length: number,
): Promise<string> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead).toString('latin1');
};
