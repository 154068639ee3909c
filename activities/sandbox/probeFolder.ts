import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, removeTree, sweepScratch } from './scratch.ts';

/** A trial of the sandbox takes seconds; in the folder of an older one nobody is at work, whatever its pid means here. */
const longestTrialMs = 10 * 60_000;

/** A folder for one trial, after those of killed processes have been removed (G5). The caller removes it. */
export const openProbeFolder = async (parent = tmpdir()): Promise<string> => {
  await sweepProbeFolders(parent);
  return await mkdtemp(join(parent, `gastown-probe-${process.pid}-`));
};

/** Removes what trials left whose process is dead. Those of other people, in a shared /tmp, stay. */
export const sweepProbeFolders = async (parent: string): Promise<void> => {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const [, pid] = /^gastown-probe-(?:(\d+)-)?\w{6}$/.exec(name) ?? [undefined, 'not ours'];
    if (pid === 'not ours' || (pid !== undefined && isAlive(Number(pid)))) continue;
    const folder = join(parent, name);
    const at = await stat(folder).catch(() => undefined);
    if (at === undefined || at.uid !== process.getuid?.() || Date.now() - at.mtimeMs < longestTrialMs)
      continue;
    await sweepScratch(join(folder, 'scratch'));
    await removeTree(folder);
  }
};
