import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { parseBeadKey } from '../../workflows/domain/naming.ts';
import type { DirectOf } from '../../workflows/domain/queue/direct.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { type Asked, landDirectly } from '../landDirectly.ts';
import { ownBranchName, rigMeant } from '../ownBranch.ts';
import { ClientError } from '../trouble.ts';

interface Options {
  readonly direct?: boolean;
  readonly revert?: string;
  readonly rig?: string;
  readonly target?: string;
  readonly title?: string;
  readonly force?: boolean;
  readonly skipTests?: boolean;
  readonly reason?: string;
  readonly by?: string;
  readonly dryRun?: boolean;
}

export const addLand = (program: Command): void => {
  program
    .command('land')
    .argument('[bead]', 'CONVOY/EPIC/BEAD, or a branch of your repository')
    .summary('in an emergency: land one branch now, before all else')
    .description(
      'Lands the branch of a bead (task), or one of your own, before everything else that waits in the refinery (merge queue): ' +
        'no polecat (worker agent) is at work on it, all of it is committed, it merges cleanly, and all gates pass on it alone. ' +
        'Work lands by itself, and branches of your own with `gt submit`; this is for when that is too late. ' +
        '--skip-tests lands it without a run of the gates: the commit says who wanted that and why, and nothing else lands until ' +
        'the new tip has passed; if it is red, you are told the command that takes it back.',
    )
    .option('--direct', 'say that you mean it')
    .option('--revert <commit>', 'land what takes this landing back, instead of a branch')
    .option('--rig <rig>', 'the repository of the branch (default: the one you stand in, or the only one)')
    .option('--target <branch>', 'land a branch of yours there instead of on the branch of the rig')
    .option('--title <text>', 'what the landing says')
    .option('--force', 'also while a polecat is at work on it, and without what is not committed')
    .option('--skip-tests', 'without a run of the gates; needs --reason')
    .option('--reason <text>', 'why the gates are skipped, for the record in git')
    .option('--by <name>', 'who says so (default: your name on this machine)')
    .option('--dry-run', 'print every check and what would be done, and do nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  gt land --direct demo/core/parser --dry-run\n  gt land --direct demo/core/parser\n' +
        '  gt land --direct fix-login --rig app\n' +
        '  gt land --direct fix-login --skip-tests --reason "The shop is down; the gates take an hour."\n' +
        '  gt land --revert 3f2c91ab04d7 --rig app',
    )
    .action(answering(land));
};

const land = async (call: Call<Options>, name: string | undefined): Promise<Answer> => {
  const { options } = call;
  const fault = faultOf(options, name);
  if (fault !== undefined) throw fault;
  const of = await meant(call, name);
  return await landDirectly(await call.town(), of, askedBy(options));
};

const askedBy = ({ by, target, title, force, skipTests, reason, dryRun }: Options): Asked => ({
  by: oneLine(by ?? ownName(), 100),
  ...(target === undefined ? {} : { target }),
  ...(title === undefined ? {} : { title }),
  ...(force === true ? { force } : {}),
  ...(skipTests === true && reason !== undefined ? { untested: oneLine(reason, 300) } : {}),
  ...(dryRun === true ? { look: true } : {}),
});

/** A name with the form of a bead's is a bead's, unless a rig says that it is a branch. */
const meant = async (call: Call<Options>, name = ''): Promise<DirectOf> => {
  const { rig, revert } = call.options;
  if (revert === undefined && rig === undefined) {
    const bead = name.replace(/^bead\//, '');
    if (parseBeadKey(bead) !== undefined) return { kind: 'bead', bead };
  }
  const { config } = await call.configured();
  const { name: ofRig } = await rigMeant(config, rig);
  return revert === undefined
    ? { kind: 'branch', rig: ofRig, branch: name, name: ownBranchName(name) }
    : { kind: 'revert', rig: ofRig, commit: revert.toLowerCase() };
};

/** The person at the keyboard, as the machine knows them. */
const ownName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return 'the Overseer';
  }
};

const faultOf = (
  { direct, revert, skipTests, reason = '' }: Options,
  name: string | undefined,
): ClientError | undefined => {
  if (direct !== true && revert === undefined)
    return bad(
      'gt land is for emergencies, and --direct says that you mean it.',
      `gt land${name === undefined ? '' : ` ${oneLine(name)}`}`,
      'Beads land by themselves, and branches of your own with `gt submit BRANCH`. To land one now: `gt land --direct NAME`.',
    );
  if ((name === undefined) === (revert === undefined))
    return bad(
      'Name what to land: a bead, a branch, or with --revert the commit that is to be taken back.',
      revert === undefined
        ? 'no name was given'
        : `got ${oneLine(name ?? '')} and --revert ${oneLine(revert)}`,
      'For example `gt land --direct CONVOY/EPIC/BEAD`, `gt land --direct BRANCH` or `gt land --revert COMMIT`.',
    );
  if (revert !== undefined && !/^[0-9a-f]{7,64}$/i.test(revert))
    return bad(
      '--revert takes the hash of a commit.',
      `got ${JSON.stringify(revert.slice(0, 80))}`,
      'Name it by 7 characters or more, as `git log --first-parent` shows it.',
    );
  if (skipTests === true && oneLine(reason) === '')
    return bad(
      'Landing without a run of the gates needs a reason.',
      '--skip-tests without --reason',
      'Say why, for whoever reads the commit: --skip-tests --reason "The shop is down; the gates take an hour."',
    );
  if (skipTests !== true && reason !== '')
    return bad(
      '--reason says why the gates are skipped.',
      '--reason without --skip-tests',
      'Leave it out, or say --skip-tests.',
    );
  return;
};

const bad = (what: string, evidence: string, next: string): ClientError =>
  new ClientError(exitCode.badInput, { type: 'BadCommandLine', what, evidence, next });
