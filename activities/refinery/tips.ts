import { gitRef } from '../../workflows/domain/naming.ts';
import type { RefineryTarget } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { type Bench, commitOf, isOid } from './bench.ts';

/** Where the branches of a queue are right now; undefined for a branch that does not exist. */
export interface Tips {
  readonly target: string | undefined;
  readonly upstream: string | undefined;
}

/**
 * Reads the tips from where they are true: the remote, or in land mode `local` the bare repository itself. Makes sure
 * that their commits are here.
 */
export const readTips = async (bench: Bench, target: RefineryTarget): Promise<Tips> => {
  const remote = await remoteTips(bench, remoteBranches(bench, target));
  const isLocal = bench.rig.land.mode === 'local';
  return {
    target: isLocal ? await commitOf(bench, `refs/heads/${target.target}`) : remote.get(target.target),
    upstream: target.upstream === undefined ? undefined : remote.get(target.upstream),
  };
};

/** The tip that the next group is built on: the target's, or its upstream's where the town's branch is still to be made. */
export const baseOf = (tips: Tips, target: RefineryTarget): string => {
  const base = tips.target ?? tips.upstream;
  if (base !== undefined) return base;
  throw fail('RigUnusable', {
    what: `Branch ${target.target} of rig ${target.rig} is gone.`,
    evidence: `refs/heads/${target.target} does not exist where the rig's source is.`,
    next: 'Push the branch again; the queue goes on by itself.',
  });
};

/** Remembers the tip for people and for beads that start. */
export const rememberTip = async (bench: Bench, target: string, tip: string): Promise<void> => {
  const ref = gitRef.target(target);
  if ((await commitOf(bench, ref)) !== tip) await bench.plumb(['update-ref', ref, tip]);
};

const remoteBranches = (bench: Bench, { target, upstream }: RefineryTarget): readonly string[] => {
  const branches = bench.rig.land.mode === 'local' ? [] : [target];
  return upstream === undefined ? branches : [...branches, upstream];
};

const remoteTips = async (
  bench: Bench,
  branches: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  if (branches.length === 0) return new Map();
  const refs = branches.map((branch) => `refs/heads/${branch}`);
  const { stdout } = await bench.transport(['ls-remote', '--heads', 'origin', ...refs]);
  const tips = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [oid = '', ref = ''] = line.split('\t');
    // ls-remote matches tails: `refs/heads/x/refs/heads/main` is not the branch that was asked for.
    if (isOid(oid) && refs.includes(ref)) tips.set(ref.slice('refs/heads/'.length), oid);
  }
  await fetchMissing(bench, tips);
  return tips;
};

const fetchMissing = async (bench: Bench, tips: ReadonlyMap<string, string>): Promise<void> => {
  const missing = [];
  for (const [branch, tip] of tips) {
    const tracked = await commitOf(bench, `refs/remotes/origin/${branch}`);
    if (tracked !== tip) missing.push({ branch, tip });
  }
  if (missing.length === 0) return;
  const refspecs = missing.map(({ branch }) => `+refs/heads/${branch}:refs/remotes/origin/${branch}`);
  await bench.transport(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', 'origin', ...refspecs]);
  for (const { branch, tip } of missing) {
    // Moved between the two calls, and not forward: this tip is history. The next attempt reads again.
    if ((await commitOf(bench, tip)) !== undefined) continue;
    throw fail('GitFailed', {
      what: `Branch ${branch} moved while it was read.`,
      evidence: `${tip} is not on it any more.`,
      next: 'The town reads it again by itself.',
    });
  }
};
