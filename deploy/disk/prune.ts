import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { gitIn } from '../town/git.ts';
import { workflowsHash } from '../town/version.ts';
import { oldBlobs, oldNotes, oldResults, oldTranscripts } from './leftFiles.ts';
import { leftInRig } from './leftInRig.ts';
import { openWork } from './openWork.ts';

/** One thing that nobody needs any more. */
export interface Leftover {
  /** `blobs`, `transcripts`, `fleet`, `refs`, `worktrees`, `caches`, `greens`, `outlines` or `bundles`. */
  readonly kind: string;
  /** Absolute path, or the full name of a ref. */
  readonly name: string;
  /** 0 where only a measurement of the whole would tell. */
  readonly bytes: number;
  remove(): Promise<void>;
}

export interface Pruned {
  readonly kind: string;
  readonly count: number;
}

export interface PruneRequest {
  readonly home: string;
  readonly client: Client;
  /** What was touched since this moment stays, epoch ms. */
  readonly before: number;
  /** Only tell what would go. */
  readonly dryRun: boolean;
}

/**
 * Removes what no open work needs and nothing has touched since a moment: texts, transcripts, branches and kept work of
 * ended convoys, unused caches; then lets git collect its garbage. What has landed is in the repositories and stays.
 */
export const prune = async ({ home, client, before, dryRun }: PruneRequest): Promise<readonly Pruned[]> => {
  const work = await openWork(client, before);
  const rigs = await readdir(join(home, 'rigs')).catch(() => []);
  const transcripts = await oldTranscripts(home, work, before);
  const left = [
    ...transcripts,
    ...(await oldBlobs(home, work, before, transcripts)),
    ...(await oldNotes(home, before)),
    ...(await oldResults(home, rigs, before, await workflowsHash())),
    ...(await Promise.all(rigs.map((rig) => leftInRig(home, rig, work, before)))).flat(),
  ];
  if (!dryRun) {
    for (const one of left) await one.remove();
    for (const rig of rigs) await collect(join(home, 'rigs', rig, 'repo.git'), before);
  }
  const kinds = [...new Set(left.map(({ kind }) => kind))];
  return kinds.map((kind) => ({ kind, count: left.filter((one) => one.kind === kind).length }));
};

/** Objects that were written lately may be on their way to a ref: only older ones go. */
const collect = async (repo: string, before: number): Promise<void> => {
  const exists = await access(repo).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  const date = new Date(before).toISOString();
  await gitIn(repo, ['-c', 'gc.pruneExpire=never', 'gc', '--quiet', `--prune=${date}`]);
};
