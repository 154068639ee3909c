import { plainLines } from '../../workflows/domain/text.ts';
import type { RunGates } from '../../workflows/ports.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { RepositoryMaps } from '../map/index.ts';
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
 * What a bead's work goes through before its gates: it is formatted, then the tests nearest to it run. Nothing here makes anything
 * green (G3), and nothing that is wrong with a rig's `format` or `nearest` holds a bead back.
 */
export const takeFirstSteps = async (of: FirstStepsOf): Promise<FirstSteps & { readonly head: string }> => {
  const formatted = of.done ? { head: of.head } : await formatWork(of);
  const below = complaint(formatted, of.tree.dir);
  const { head } = formatted;
  const red = await nearestRed({ ...of, head });
  if (red === undefined) return { head, below };
  return { head, below, red, above: nearestAlone, refusals: (of.refused?.times ?? 0) + 1 };
};

const nearestAlone =
  'The tests nearest to your change fail. The full checks did not run: they come when these pass.';

const nearestRed = async (of: FirstStepsOf): Promise<RedGate | undefined> => {
  const { rig, tree, base, head, maps, signal } = of;
  const step = await nearestStep({ rig, repo: tree.repo, base, head, maps, signal });
  if (step === undefined) return;
  const result = await of.run(step);
  const red = result.exitCode === 0 ? undefined : await redGate(of.blobs, step, result, tree.dir);
  if (red !== undefined && refuses(result, red.names, redLine([red]), of.refused)) return red;
  // What it left behind is none of the gates' business.
  await restoreTree(tree);
  return;
};

/** What a model can mend of a formatter that failed: not that there is none. */
const complaint = ({ failed }: Formatted, dir: string): string | undefined => {
  const { exitCode, output = '' } = failed?.result ?? {};
  if (exitCode === undefined || exitCode === 126 || exitCode === 127) return;
  const text = plainLines(output).replaceAll(`${dir}/`, '');
  const { error } = findFirstError(text);
  const said = error ?? text.split('\n').find((line) => line.trim() !== '');
  return `The formatter could not read your files, either (exit status ${exitCode})${said === undefined ? '.' : `: ${said.slice(0, 300)}`}`;
};
