import type { RigSettings } from '../../workflows/domain/rig.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { LookReport } from '../../workflows/ports.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { SandboxResult } from '../sandbox/index.ts';

/** Longest time of one look, ms: whoever needs more wants a gate. */
export const lookMs = 60_000;

/** Characters of output that a prompt shows, from its beginning and its end. */
const shown = { head: 6_000, tail: 2_000 } as const;

/** Why a rig's polecats run no commands of their own; undefined when they may. A model's command runs nowhere but in a sandbox (G9). */
export const looksRefused = (rig: RigSettings, rung: string): string | undefined =>
  rung === 'none' ? `no command was run: there is no sandbox for ${rig.name}` : undefined;

/** What the next prompt shows of a look, stored. */
export const lookReport = async (
  blobs: Blobs,
  { exitCode, timedOut, flooded, output, notes }: SandboxResult,
): Promise<LookReport> => {
  const end = timedOut
    ? `ended after ${lookMs / 1_000} s`
    : flooded
      ? 'ended: too much output'
      : `exit ${exitCode ?? '?'}`;
  return {
    outputRef: await blobs.put(cut(plainLines(output)) || '(no output)'),
    // At a limit of the sandbox, or by a host that is not on the list: the model should not look for the cause elsewhere.
    ended: oneLine([end, ...notes].join('; '), 300),
  };
};

const cut = (text: string): string => {
  const most = shown.head + shown.tail;
  if (text.length <= most) return text;
  return `${text.slice(0, shown.head)}\n… ${text.length - most} characters left out …\n${text.slice(-shown.tail)}`;
};
