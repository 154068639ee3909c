import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../git/run.ts';
import type { Rig } from './index.ts';

/** Ensures the town's bare copy of a rig. All steps can be repeated, so half a copy is finished (G5). */
export const ensureRepository = async ({ repo, settings, signal }: Rig): Promise<void> => {
  await mkdir(repo, { recursive: true });
  // No branch is HEAD's, so moving a branch does not lock HEAD as well. It is the last step, so it says that all was made.
  const head = await readFile(join(repo, 'HEAD'), 'utf8').catch(() => '');
  if (head.trim() !== 'ref: refs/refinery/none') {
    await git(['init', '--bare', '--quiet', '--template=', '.'], { cwd: repo, signal });
    await git(['symbolic-ref', 'HEAD', 'refs/refinery/none'], { cwd: repo, signal });
  }
  const present = await configOf(repo, signal);
  const wanted = {
    'remote.origin.url': settings.source,
    // Never a mirror: that would prune the beads' own branches.
    'remote.origin.fetch': '+refs/heads/*:refs/remotes/origin/*',
    'remote.origin.tagopt': '--no-tags',
    'receive.denynonfastforwards': 'true',
    'gc.auto': '0',
  };
  for (const [key, value] of Object.entries(wanted)) {
    if (present.get(key) !== value) await git(['config', '--replace-all', key, value], { cwd: repo, signal });
  }
};

const configOf = async (repo: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> => {
  const { stdout } = await git(['config', '--local', '--list', '-z'], { cwd: repo, signal });
  const entries = stdout.split('\0').map((entry) => entry.split('\n', 2) as [string, string]);
  return new Map(entries);
};
