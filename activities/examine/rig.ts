import { isAbsolute } from 'node:path';
import type { Finding } from '../../workflows/domain/finding.ts';
import { isIll, isWell } from '../../workflows/domain/finding.ts';
import { townBranch } from '../../workflows/domain/naming.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import { type GateRunner, gateHash } from '../gates/index.ts';
import { resolveObject } from '../git/objects.ts';
import { readRefs } from '../git/refs.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { benchOf } from '../refinery/bench.ts';
import { testCommit } from '../refinery/testCommit.ts';
import { checkContents, fetchSource } from '../rig/contents.ts';
import type { Rig } from '../rig/index.ts';
import { chooseLanding, type Landing } from '../rig/landing.ts';
import { ensureRepository } from '../rig/repository.ts';
import { shellWord } from '../rig/shellWord.ts';
import { checkGit, checkSource, type Source } from '../rig/source.ts';
import { failedBy } from './failed.ts';
import { sizeFindings } from './size.ts';

interface RigPlace {
  readonly home: Home;
  readonly blobs: Blobs;
  readonly runner: GateRunner;
  /** Whether gates are run. */
  readonly thorough: boolean;
  readonly signal: AbortSignal;
}

/**
 * One rig on the way that a launch takes, as far as that changes nothing at its source: it can be read and copied, the town
 * may land there (a dry run), it fits, and its gates are green on the target as it is now (G2).
 */
export async function* examineRig(settings: RigSettings, place: RigPlace): AsyncGenerator<Finding> {
  const check = `rig ${settings.name}`;
  const { home, blobs, runner, signal } = place;
  const rig: Rig = { settings, home, blobs, signal, gates: runner, repo: home.repo(settings.name) };
  try {
    await checkGit(rig);
    const source = await checkSource(rig);
    yield isWell(check, `can be read, branch ${settings.branch}`, `git ls-remote ${settings.source}`);
    await ensureRepository(rig);
    await fetchSource(rig);
    const upstream = `refs/remotes/origin/${settings.branch}`;
    await checkContents(rig, upstream);
    const remote = await remoteBranches(rig);
    const landing = await chooseLanding(rig, source, remote);
    yield landingFinding(check, settings, source, landing);
    const tip = remote.get(`refs/remotes/origin/${landing.target}`) ?? remote.get(upstream) ?? '';
    yield* sizeFindings(check, rig, tip);
    if (place.thorough) yield await gatesOf(rig, place, tip);
  } catch (error) {
    yield failedBy(check, error);
  }
}

const remoteBranches = ({ repo, settings, signal }: Rig): Promise<ReadonlyMap<string, string>> => {
  const { branch, land } = settings;
  const names = [branch, townBranch(branch), ...(land.mode === 'branch' ? [land.branch] : [])];
  return readRefs(
    repo,
    names.map((name) => `refs/remotes/origin/${name}`),
    signal,
  );
};

const landingFinding = (
  check: string,
  { land, branch }: RigSettings,
  source: Source,
  { target, takeOver }: Landing,
): Finding => {
  const why =
    land.mode === 'push' && target !== branch
      ? `${branch} is checked out in ${source.checkedOut.get(branch) ?? 'it'}`
      : '';
  // A forge tells of protection only at a real push: then the Refinery stops and names the same way out.
  const dryRun = `git push --dry-run${source.isPath ? '' : '; if the branch is protected, set land: branch:gastown/…'}`;
  const tried = land.mode === 'push' && target === branch ? dryRun : why;
  return isWell(
    check,
    `work lands on ${target}${land.mode === 'local' ? ', in the town’s own copy' : ''}`,
    [tried, takeOver === undefined ? '' : `to take it over: ${takeOver}`]
      .filter((part) => part !== '')
      .join('\n'),
  );
};

const gatesOf = async (rig: Rig, place: RigPlace, commit: string): Promise<Finding> => {
  const check = `gates ${rig.settings.name}`;
  const { settings, repo, signal } = rig;
  const { home, blobs, runner } = place;
  const deps = { home, blobs, runner, rigs: new Map([[settings.name, settings]]) };
  const tree = (await resolveObject(repo, `${commit}^{tree}`, signal))?.oid ?? '';
  const at = `${settings.branch} at ${commit.slice(0, 12)}`;
  try {
    const report = await testCommit(
      benchOf(deps, settings.name, signal),
      deps,
      {
        ...{ rig: settings.name, target: settings.branch, upstream: undefined },
        ...{ commit, tree, gateHash: gateHash(settings), run: 1 },
      },
      () => {},
    );
    if (report.verdict === 'green') {
      const how = report.cached
        ? 'known from an earlier run'
        : `${(report.ms / 1_000).toFixed(1)} s in a clean slot`;
      return isWell(check, `all gates are green on ${at}`, how);
    }
    const said = plainLines(await blobs.get(report.feedback.ref))
      .split('\n')
      .slice(0, 24)
      .join('\n');
    const red = report.failures.map(({ gate }) => gate);
    // A shell's word for it; the usual mistake of the first day.
    const absent = report.failures.find(({ exitCode }) => exitCode === 127)?.gate;
    if (absent !== undefined) return commandMissing(check, settings, absent, said);
    return isIll(check, {
      what: `BaseRed: ${oneLine(red.join(', '))} ${red.length === 1 ? 'is' : 'are'} red on ${at}: nothing could land.`,
      evidence: said,
      fix: wayOut(settings, red),
    });
  } catch (error) {
    return failedBy(check, error);
  }
};

const commandMissing = (check: string, { name, gates }: RigSettings, gate: string, said: string): Finding => {
  const command = gates.find((one) => one.name === gate)?.run ?? '';
  return isIll(check, {
    what: `The command of the gate ${gate} was not found: ${oneLine(command, 60)}`,
    evidence: said,
    fix: `Install it where the town runs, or correct rigs.${name}.gates in gastown.yaml; what \`setup\` installs must be under rigs.${name}.caches. The gate: ${oneLine(command)}`,
  });
};

const wayOut = ({ source, branch, gates }: RigSettings, red: readonly string[]): string => {
  const command = gates.find(({ name }) => name === red[0])?.run ?? '';
  const where = isAbsolute(source)
    ? `git clone -b ${shellWord(branch)} ${shellWord(source)} fresh && cd fresh && ${command}`
    : command;
  return `Mend the branch until this passes in a fresh clone: ${where} (or correct the gate in gastown.yaml)`;
};
