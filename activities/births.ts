import { readFile } from 'node:fs/promises';

/** When a process began, in ticks since the machine did: tells it from a later one with the same pid. Empty for none. */
export const birthOf = async (pid: number): Promise<string> =>
  bornOf(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));

/** The same from a text of `/proc/<pid>/stat`. */
export const bornOf = (stat: string): string =>
  // The second field is the name in brackets and may hold anything.
  stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
