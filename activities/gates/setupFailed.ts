import { hostname } from 'node:os';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { networkWords } from '../../workflows/domain/sandbox/network.ts';
import { plainLines } from '../../workflows/domain/text.ts';
import { fail } from '../failure.ts';
import type { SandboxResult } from '../sandbox/index.ts';

/** Set-up of what has landed must work: a person has to mend the command, the machine or the commit (G10). */
export const setupFailed = (rig: RigSettings, result: SandboxResult): Error =>
  fail('SetupFailed', {
    what: `The set-up of rig "${rig.name}" failed on a commit that has landed.`,
    evidence: [
      `command: ${rig.setup}`,
      result.timedOut
        ? `killed after ${rig.setupTimeoutMs / 1000} s`
        : result.flooded
          ? 'killed: it flooded its output'
          : `exit status ${result.exitCode}`,
      ...result.notes,
      `on ${hostname()}, allowed: ${networkWords(rig.network)}`,
      ...ends(plainLines(result.output).trimEnd().split('\n')),
    ].join('\n'),
    next: rig.network
      ? 'Run the command in a fresh clone and mend it, or change "setup" in gastown.yaml, or "network" where a host was refused; then launch the plan again.'
      : 'If it has to download something, set "network: true" for the rig in gastown.yaml; then launch the plan again.',
  });

/** The reason is often in the first lines, before pages of usage, or in the last. */
const ends = (lines: readonly string[]): readonly string[] =>
  lines.length <= 16 ? lines : [...lines.slice(0, 6), '…', ...lines.slice(-9)];
