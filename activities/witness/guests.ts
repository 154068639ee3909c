import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** A process that works in a folder of the town's. */
export interface Guest {
  readonly pid: number;
  /** Folder that it is in, without links. */
  readonly cwd: string;
  /** Name of the sandbox run that it belongs to; undefined for one that the town did not start. */
  readonly run: string | undefined;
}

/** The processes whose folder lies in `folder`, with the runs below `scratch` that they belong to. Linux only; others have none. */
export const guestsIn = async (folder: string, scratch: string): Promise<readonly Guest[]> => {
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined) return [];
  const marks = [scratch, await realpath(scratch).catch(() => scratch)];
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => guest(Number(pid), root, marks)));
  return found.filter((one) => one !== undefined);
};

const guest = async (pid: number, root: string, marks: readonly string[]): Promise<Guest | undefined> => {
  if (pid === process.pid) return;
  const cwd = await readlink(join('/proc', String(pid), 'cwd')).catch(() => '');
  if (cwd !== root && !cwd.startsWith(`${root}/`)) return;
  const environment = await readFile(join('/proc', String(pid), 'environ'), 'utf8').catch(() => '');
  const home = /(?:^|\0)HOME=([^\0]+)/.exec(environment)?.[1] ?? '';
  const mark = marks.find((one) => home.startsWith(`${one}/`));
  return { pid, cwd, run: mark && home.slice(mark.length + 1).split('/')[0] };
};
