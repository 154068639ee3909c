import { townBranch } from '../../workflows/domain/naming.ts';
import { plainLines } from '../../workflows/domain/text.ts';
import type { Land } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import type { Bench } from './bench.ts';

/**
 * Pushes the commit if the target still is what was seen. A lease is not a fast-forward check, so the caller has checked
 * ancestry. Returns why it was refused, or nothing: what the remote holds afterwards decides.
 */
export const push = async (
  bench: Bench,
  request: Land,
  tip: string | undefined,
): Promise<Error | undefined> => {
  const ref = `refs/heads/${request.target}`;
  const args = [
    'push',
    '--porcelain',
    '--atomic',
    '--no-follow-tags',
    '--recurse-submodules=no',
    `--force-with-lease=${ref}:${tip ?? ''}`,
    'origin',
    `${request.commit}:${ref}`,
  ];
  const { stdout, stderr, exitCode } = await bench.transport(args, { okExitCodes: [0, 1, 128] });
  if (exitCode === 0) return;
  const said = plainLines(`${stdout}\n${stderr}`).trim();
  const evidence = `git ${args.join(' ')}\nin ${bench.repo}\nexit status ${exitCode}\n${said}`;
  return isRefusal(said) ? refused(request, evidence) : failed(request, evidence);
};

/** Whether trying again would only hear the same. A race on the remote's own lock is not a refusal. */
const isRefusal = (said: string): boolean => {
  if (/cannot lock ref|failed to update ref|incorrect old value|stale info/.test(said)) return false;
  return /\[remote rejected\]|permission|denied|forbidden|\b40[13]\b|authentication|not allowed|read-only/i.test(
    said,
  );
};

const refused = (request: Land, evidence: string): Error =>
  fail('PushRefused', {
    what: `The remote refuses that the town moves ${request.target}.`,
    evidence,
    next: `Let the town push there, or set \`land: branch:${townBranch(request.target)}\` for rig ${request.rig}: an always-green branch that a person merges. A convoy keeps the branch that it began with, so then: gt down, gt up, gt cancel it, and launch its plan again.`,
  });

const failed = (request: Land, evidence: string): Error =>
  fail('GitFailed', {
    what: `The push to ${request.target} failed.`,
    evidence,
    next: 'The town tries again by itself.',
  });
