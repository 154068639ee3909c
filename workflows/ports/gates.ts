/** The port of the queue `gate.<rig>.<place>`: the polecats’ own gate runs. */
import type { Feedback } from '../domain/bead/feedback.ts';
import type { GateTests } from '../domain/gateTests.ts';
import type { BeadPlace } from './rig.ts';

export interface GatePort {
  /** Runs gates in the sandbox on the committed tree of a bead's worktree. Red is a result, not an error. */
  runGates(request: RunGates): Promise<GateReport>;
  /** Runs one command of a model in the sandbox, on the committed tree, and throws away what it changes. */
  runLook(request: RunLook): Promise<LookReport>;
}

/** A command of the model's own, run where the gates run. */
export interface RunLook extends BeadPlace {
  readonly head: string;
  readonly command: string;
}

export interface LookReport {
  /** Blob of what it printed, as the next prompt shows it. */
  readonly outputRef: string;
  /** In a few words: `exit 0`, `killed after 60 s`, `refused: no sandbox`. */
  readonly ended: string;
}

export interface RunGates extends BeadPlace {
  readonly head: string;
  /** Names; empty means all. */
  readonly gates: readonly string[];
  /** Where the bead's work begins. With it the rig's `format` and `nearest` run before the gates. */
  readonly base?: string;
  /** What the nearest tests said last time, in a line, and how often they refused in a row: see `refuses`. */
  readonly refused?: { readonly summary: string; readonly times: number };
}

export interface GateFailure {
  readonly gate: string;
  readonly kind: 'exit' | 'timeout' | 'flood' | 'setup' | 'noTests';
  readonly exitCode: number | undefined;
  /** First error, one line. */
  readonly summary: string;
  /** Blob with the whole (bounded) output. */
  readonly logRef: string;
  /** Its command, where that is one short line. */
  readonly command?: string;
}

export type GateReport =
  | {
      readonly verdict: 'green';
      readonly tree: string;
      readonly gateHash: string;
      readonly ms: number;
      readonly cached: boolean;
      readonly tests?: GateTests;
      /** Where the branch is now, when the town has formatted the work. */
      readonly head?: string;
    }
  | {
      readonly verdict: 'red';
      readonly tree: string;
      readonly gateHash: string;
      readonly ms: number;
      readonly failures: readonly GateFailure[];
      readonly tests?: GateTests;
      /** What a polecat needs to see of it. */
      readonly feedback: Feedback;
      readonly head?: string;
    };
