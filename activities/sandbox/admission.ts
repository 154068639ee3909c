import type { ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { childrenOf } from './strays.ts';

/**
 * Takes the shell of a sandbox into its control group when it says that the sandbox stands, and lets it go on: whatever
 * it starts is inside. Not earlier, because a move between groups takes longer than all the rest, unless it comes late.
 * Resolves to what went wrong; the shell then ends by itself.
 */
export const admitWhenStarted = (
  child: ChildProcess,
  ownProcesses: boolean,
  admit: ((pid: number) => Promise<void>) | undefined,
): Promise<Error | undefined> => {
  const talk = child.stdio[3] as Duplex;
  const { pid } = child;
  if (admit === undefined || pid === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    talk.once('error', () => resolve(undefined));
    // It has ended before it said so, which is told elsewhere.
    talk.once('close', () => resolve(undefined));
    talk.once('data', () => {
      takeIn(pid, ownProcesses, admit).then(
        () => {
          talk.write('go\n');
          resolve(undefined);
        },
        (error: Error) => {
          talk.end();
          resolve(error);
        },
      );
    });
  });
};

const takeIn = async (
  tool: number,
  ownProcesses: boolean,
  admit: (pid: number) => Promise<void>,
): Promise<void> => {
  const [first] = ownProcesses ? await firstProcesses(tool) : [tool];
  if (first === undefined) throw new Error('the first process of the sandbox was not found');
  await admit(first);
};

/** Process 1 of the namespace is the one child of the tool. Some kernels keep no list of children. */
const firstProcesses = async (tool: number): Promise<readonly number[]> => {
  const known = await childrenOf(tool);
  if (known.length > 0) return known;
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      return parent === String(tool) ? Number(name) : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
};
