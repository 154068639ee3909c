import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Adds one line to a file, which is made with its folders when it is not there. It is one write with O_APPEND: lines of several
 * processes never mix. A torn line before it, of a process that was killed, is closed off first.
 */
export const appendLine = async (path: string, line: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+', 0o644);
  try {
    await file.write((await endsTorn(file)) ? `\n${line}\n` : `${line}\n`);
  } finally {
    await file.close();
  }
};

const endsTorn = async (file: Awaited<ReturnType<typeof open>>): Promise<boolean> => {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 10;
};
