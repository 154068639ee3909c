import { isAbsolute } from 'node:path';
import { plainLines } from '../../workflows/domain/text.ts';
import type { Forwarded, RefineryTarget } from '../../workflows/ports.ts';
import { redacted } from '../git/redact.ts';
import { shellWord } from '../rig/shellWord.ts';
import { checkedOutFolders } from '../rig/source.ts';
import { type Bench, isAncestor } from './bench.ts';
import { clearCheckout, forwardCheckout } from './checkout.ts';
import type { Move, Obstacle } from './obstacles.ts';
import { readTips } from './tips.ts';

/**
 * Brings the branch of a person's own repository up to what landed beside it (DESIGN §6), with its work tree where it is
 * checked out. Only ever forward, only when nothing of the person's is in the way, and without their hooks: what is in the
 * way is said, and the next look tries again.
 */
export const forwardUpstream = async (bench: Bench, request: RefineryTarget): Promise<Forwarded> => {
  const { rig, signal } = bench;
  const { target, upstream } = request;
  // With `land: branch:…` or `local` the person said that they take over themselves.
  if (upstream === undefined || rig.land.mode !== 'push' || !isAbsolute(rig.source)) return theirs;
  const tips = await readTips(bench, request);
  const { upstream: from, target: to } = tips;
  if (from === undefined || to === undefined) return theirs;
  const folder = (await checkedOutFolders(rig.source, signal)).get(upstream);
  if (await isAncestor(bench, to, from)) {
    if (folder !== undefined) await clearCheckout(bench, folder);
    return { outcome: 'even', commit: from };
  }
  const behind = ({ what, evidence }: Obstacle, next: string): Forwarded => ({
    outcome: 'behind',
    behind: { what, evidence: redacted(plainLines(evidence)).slice(0, 1_000), next },
  });
  if (!(await isAncestor(bench, from, to))) {
    const merge = `git -C ${shellWord(folder ?? rig.source)} merge ${target}`;
    return behind(
      {
        what: `${upstream} has commits of yours that ${target} has not; the queue takes them in with its next group.`,
        evidence: `${upstream} ${from.slice(0, 12)}, ${target} ${to.slice(0, 12)}`,
      },
      folder === undefined ? `git -C ${shellWord(rig.source)} switch ${upstream} && ${merge}` : merge,
    );
  }
  const move = { branch: upstream, from, to };
  const obstacle = await (folder === undefined
    ? pushTo(bench, move)
    : forwardCheckout(bench, folder, move).catch((error: unknown) => unwritable(folder, move, error)));
  if (obstacle === undefined) return { outcome: 'forwarded', commit: to };
  const command =
    folder === undefined
      ? `git -C ${shellWord(rig.source)} fetch . ${target}:${upstream}`
      : `git -C ${shellWord(folder)} merge --ff-only ${target}`;
  return behind(obstacle, command);
};

/** Where the town may not write, trying again at once would hear the same. */
const unwritable = (folder: string, { branch }: Move, error: unknown): Obstacle => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || !['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(code)) throw error;
  return {
    what: `${branch} stays where it is: the town cannot write into the git folder of ${folder}.`,
    evidence: message,
  };
};

const theirs: Forwarded = { outcome: 'theirs' };

/** Moves a branch that nobody has checked out, by compare-and-swap; git refuses if somebody does just now. */
const pushTo = async (bench: Bench, { branch, from, to }: Move): Promise<Obstacle | undefined> => {
  const ref = `refs/heads/${branch}`;
  const args = [
    ...['push', '--porcelain', '--no-follow-tags', '--recurse-submodules=no'],
    // A hook there may be a file that a model wrote a moment ago (G9).
    '--receive-pack=git -c core.hooksPath=/dev/null -c receive.denyCurrentBranch=refuse receive-pack',
    `--force-with-lease=${ref}:${from}`,
    ...['origin', `${to}:${ref}`],
  ];
  const { exitCode, stdout, stderr } = await bench.transport(args, { okExitCodes: [0, 1, 128] });
  if (exitCode === 0) return;
  return {
    what: `git could not move ${branch} just now; the town tries again.`,
    evidence: `git push ${to.slice(0, 12)}:${ref}\n${stdout}\n${stderr}`.trim(),
  };
};
