import { log } from '@temporalio/activity';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { RunGates } from '../../workflows/ports.ts';
import { resolveObject } from '../git/objects.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { RepositoryMaps } from '../map/index.ts';
import type { SandboxResult } from '../sandbox/index.ts';
import { type RedGate, redGate, redLine } from './evidence.ts';
import { findFirstError } from './firstError.ts';
import { type BeadTree, type Formatted, formatWork } from './format.ts';
import type { FirstSteps } from './gateRunner.ts';
import { nearestStep, refuses } from './nearest.ts';
import { restoreTree } from './tree.ts';

export interface FirstStepsOf extends BeadTree {
  readonly blobs: Blobs;
  readonly maps: RepositoryMaps;
  readonly signal: AbortSignal;
  /** Whether the work is formatted already. */
  readonly done: boolean;
  readonly refused: RunGates['refused'];
}

/**
 * What a bead's work goes through before its gates: it is formatted, must then still be work, and the tests nearest to it run.
 * Nothing here makes anything green (G3), and nothing that is wrong with a rig's `format` or `nearest` holds a bead back.
 */
export const takeFirstSteps = async (of: FirstStepsOf): Promise<FirstSteps & { readonly head: string }> => {
  const formatted = of.done ? { head: of.head } : await formatWork(of);
  const below = complaint(formatted, of.tree.dir);
  warnOf('format', of.rig, formatted.failed);
  const { head } = formatted;
  const none = await noWork({ ...of, head });
  if (none !== undefined) return { head, below, ...none };
  const red = await nearestRed({ ...of, head });
  if (red === undefined) return { head, below };
  return { head, below, red, above: nearestAlone, refusals: (of.refused?.times ?? 0) + 1 };
};

/** Work that undoes itself would pass the gates as the target does, and close a bead for which nothing was done (G3). */
const noWork = async ({ tree, base, head, blobs }: FirstStepsOf): Promise<FirstSteps | undefined> => {
  const [before, after] = await Promise.all(
    [base, head].map((commit) => resolveObject(tree.repo, `${commit}^{tree}`)),
  );
  if (before === undefined || before.oid !== after?.oid) return;
  const summary = 'all replies together leave the files as they were before the task began';
  return {
    above: 'Nothing of your work is left, so the checks did not run. Do what the task asks for.',
    red: {
      ...{ gate: 'work', kind: 'exit', exitCode: undefined, summary, logRef: await blobs.put(summary) },
      ...{ command: `git diff ${base.slice(0, 12)}`, names: [], firstError: undefined, tail: '(no change)' },
    },
  };
};

const nearestAlone =
  'The tests nearest to your change fail. The full checks did not run: they come when these pass.';

const nearestRed = async (of: FirstStepsOf): Promise<RedGate | undefined> => {
  const { rig, tree, base, head, maps, signal } = of;
  const step = await nearestStep({ rig, repo: tree.repo, base, head, maps, signal });
  if (step === undefined) return;
  const result = await of.run(step);
  warnOf('nearest', rig, result);
  const red = result.exitCode === 0 ? undefined : await redGate(of.blobs, step, result, tree.dir);
  if (red !== undefined && refuses(result, red.names, redLine([red]), of.refused)) return red;
  // What it left behind is none of the gates' business.
  await restoreTree(tree);
  return;
};

/** Nobody else would hear that a command is not there: the work goes on without it. */
const warnOf = (name: 'format' | 'nearest', rig: RigSettings, result: SandboxResult | undefined): void => {
  if (result?.exitCode !== 126 && result?.exitCode !== 127) return;
  log.warn(`${name} could not be run: correct rigs.${rig.name}.${name} in gastown.yaml, or take it out`, {
    command: oneLine(rig[name]?.run ?? ''),
    exitCode: result.exitCode,
  });
};

/** What a model can mend of a formatter that failed: not that there is none. */
const complaint = ({ failed }: Formatted, dir: string): string | undefined => {
  const { exitCode, output = '' } = failed ?? {};
  if (exitCode === undefined || exitCode === 126 || exitCode === 127) return;
  const text = plainLines(output).replaceAll(`${dir}/`, '');
  const { error } = findFirstError(text);
  const said = error ?? text.split('\n').find((line) => line.trim() !== '');
  return `The formatter could not read your files, either (exit status ${exitCode})${said === undefined ? '.' : `: ${said.slice(0, 300)}`}`;
};
