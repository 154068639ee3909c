import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { close, constants, open } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Both ends of a named pipe. */
export interface Pipe {
  readonly reader: Socket;
  /** The descriptor for the child. */
  readonly writer: number;
  /** To be called when the child has its copy, so that the reader sees the end. */
  readonly closeWriter: () => Promise<void>;
  /** Gives the pipe back for another run, or away for good when somebody may still have it open. */
  readonly release: (quiet: boolean) => Promise<void>;
}

/** Pipes that are not in use, by folder: making one takes a process, a third of the time of a whole run. */
const idle = new Map<string, string[]>();

/** Descriptors as numbers: a FileHandle would be closed by the garbage collector, after the socket has closed it. */
const openFile = promisify(open);
const closeFile = promisify(close);

/**
 * Opens a named pipe in a folder: what Node gives to children by itself is a socket, and scripts that open `/dev/stderr`
 * fail on a socket.
 */
export const openPipe = async (folder: string): Promise<Pipe> => {
  const path = idle.get(folder)?.pop() ?? (await makePipe(folder));
  const fd = await openReader(path).catch(async () => openReader(await makePipe(folder, path)));
  // Opens at once, since there is a reader.
  const writer = await openFile(path, constants.O_WRONLY);
  return {
    reader: new Socket({ fd, readable: true, writable: false }),
    writer,
    closeWriter: () => closeFile(writer),
    async release(quiet) {
      if (quiet) idle.set(folder, [...(idle.get(folder) ?? []), path]);
      else await rm(path, { force: true });
    },
  };
};

const openReader = (path: string): Promise<number> =>
  openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);

const makePipe = async (
  folder: string,
  path = join(folder, `${process.pid}-${randomBytes(6).toString('hex')}.pipe`),
): Promise<string> => {
  await promisify(execFile)('mkfifo', ['-m', '600', path]);
  return path;
};
