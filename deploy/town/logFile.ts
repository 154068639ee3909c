import { createWriteStream, mkdirSync, openSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

export interface LogFile {
  readonly path: string;
  /** Adds one line: JSON objects as they are, other text wrapped as a pino line. */
  line(text: string): void;
  /** The last lines, for evidence. */
  last(count: number): readonly string[];
  close(): Promise<void>;
}

/** Bytes after which a log starts anew; the one before is kept as `<path>.1`, so the bound is twice this. */
export const maxLogBytes = 8 * 1024 * 1024;

/** Opens a log of JSON lines that never grows past twice `limit` bytes. */
export const openLog = (path: string, name: string, limit = maxLogBytes): LogFile => {
  mkdirSync(dirname(path), { recursive: true });
  let { stream, bytes } = append(path);
  const tail: string[] = [];

  return {
    path,
    line(text) {
      const line = `${isJson(text) ? text : wrap(name, text)}\n`;
      tail.push(text);
      if (tail.length > 40) tail.shift();
      if (bytes + line.length > limit) {
        stream.end();
        // The open stream keeps writing to the renamed file until it has flushed, so no line is lost.
        renameSync(path, `${path}.1`);
        ({ stream, bytes } = append(path));
      }
      bytes += Buffer.byteLength(line);
      stream.write(line);
    },
    last: (count) => tail.slice(-count),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
};

const append = (path: string): { stream: WriteStream; bytes: number } => {
  // Opened at once, since a stream opens its file later, and a rename must find it.
  const stream = createWriteStream(path, { fd: openSync(path, 'a') });
  // A full disk must not take the town down with it: landing goes on, logging does not.
  stream.on('error', () => {});
  return { stream, bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0 };
};

const isJson = (text: string): boolean => text.startsWith('{') && text.endsWith('}');

const wrap = (name: string, text: string): string =>
  JSON.stringify({ level: 30, time: Date.now(), name, msg: text.slice(0, 4_000) });
