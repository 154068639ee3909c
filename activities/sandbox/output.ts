import type { Socket } from 'node:net';

/** What a command prints, gathered. */
export interface Output {
  /** Waits for the end of the stream, at most 2 s. `quiet`: nobody can write to it any more. */
  readonly end: () => Promise<{ readonly text: string; readonly quiet: boolean }>;
}

/** Reads up to `limit` bytes, and says once when there is more. */
export const readOutput = (
  reader: Socket,
  limit: number,
  onOutput: ((bytes: number, chunk: Buffer) => void) | undefined,
  flood: () => void,
): Output => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const closed = new Promise<void>((resolve) => {
    reader.once('close', () => resolve());
    reader.on('error', () => resolve());
  });
  reader.on('data', (chunk: Buffer) => {
    const room = limit - bytes;
    if (room > 0) chunks.push(chunk.subarray(0, room));
    bytes += chunk.length;
    if (bytes > limit) {
      flood();
      reader.destroy();
      return;
    }
    onOutput?.(bytes, chunk);
  });
  return {
    async end() {
      const quiet = await within(closed, 2_000);
      reader.destroy();
      return { text: Buffer.concat(chunks).toString('utf8'), quiet };
    },
  };
};

/** Gathers the first few lines of a stream. */
export const collect = (stream: NodeJS.ReadableStream): { readonly end: () => Promise<string> } => {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    if (text.length < 10_000) text += chunk.toString('utf8');
  });
  const closed = new Promise<void>((resolve) => {
    stream.once('close', () => resolve());
    stream.on('error', () => resolve());
  });
  return {
    async end() {
      await within(closed, 500);
      return text;
    },
  };
};

/** Waits for a promise, at most so long; whether it came. */
const within = async (promise: Promise<void>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const came = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return came;
};
