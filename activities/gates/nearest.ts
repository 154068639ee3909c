import { steady } from '../../workflows/domain/bead/stall.ts';
import { filledLine } from '../../workflows/domain/guard/commandLine.ts';
import { nearestTests } from '../../workflows/domain/guard/nearestTests.ts';
import type { Gate, RigSettings } from '../../workflows/domain/rig.ts';
import { isCheckedOut } from '../../workflows/domain/sparse.ts';
import type { RunGates } from '../../workflows/ports.ts';
import type { RepositoryMaps } from '../map/index.ts';
import { pathFault } from '../polecat/safety.ts';
import type { SandboxResult } from '../sandbox/index.ts';
import { changedFiles } from './changedFiles.ts';

export interface NearestSearch {
  readonly rig: RigSettings;
  readonly repo: string;
  readonly base: string;
  readonly head: string;
  readonly maps: RepositoryMaps;
  readonly signal: AbortSignal;
}

/** The rig's `nearest` for the tests nearest to a change; undefined when the rig has none, or the change none. */
export const nearestStep = async (search: NearestSearch): Promise<Gate | undefined> => {
  const { rig, repo, base, head, maps, signal } = search;
  if (rig.nearest === undefined || base === head) return;
  const changed = (await changedFiles(repo, base, head, signal)).map(({ path }) => path);
  const map = await maps.at({
    rig: rig.name,
    commit: head,
    base,
    sparse: rig.sparse,
    hurry: changed.join('\n'),
  });
  const tests = nearestTests({
    changed: changed.filter((path) => isCheckedOut(path, rig.sparse)),
    files: map.files.map(({ path }) => path).filter((path) => pathFault(path) === undefined),
    imports: map.imports,
  });
  if (tests.length === 0) return;
  const folders = [...new Set(tests.map(folderOf))];
  const run = filledLine(rig.nearest.run, { tests, folders });
  return run === undefined ? undefined : { ...rig.nearest, name: 'nearest', run };
};

/** So often in a row the nearest tests refuse without the gates. */
const mostRefusals = 3;

/**
 * Whether a run refuses the change: it ended by itself with a failure and names what failed. Everything else (no such command, no
 * tests collected, wrong options, a timeout) is its own trouble, and the gates decide. They also do when it says the same as last
 * time, or has refused often: the gates may not run these tests at all, and no bead is held back by what is no gate.
 */
export const refuses = (
  { exitCode }: SandboxResult,
  names: readonly string[],
  says: string,
  before: RunGates['refused'],
): boolean => {
  const failed = exitCode !== undefined && exitCode > 0 && exitCode < 126 && names.length > 0;
  if (before === undefined) return failed;
  return failed && before.times < mostRefusals && steady(before.summary) !== steady(says);
};

/** As Go takes a package: `./folder`. */
const folderOf = (path: string): string => {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '.' : `./${path.slice(0, cut)}`;
};
