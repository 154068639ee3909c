/** The port of the queue `gate.<rig>.<place>`: the polecats’ own gate runs. */
import type { Feedback } from '../domain/feedback.ts';
import type { BeadPlace } from './rig.ts';

export interface GatePort {
  /** Runs gates in the sandbox on the committed tree of a bead's worktree. Red is a result, not an error. */
  runGates(request: RunGates): Promise<GateReport>;
}

export interface RunGates extends BeadPlace {
  readonly head: string;
  /** Names; empty means all. */
  readonly gates: readonly string[];
}

export interface GateFailure {
  readonly gate: string;
  readonly kind: 'exit' | 'timeout' | 'flood' | 'setup';
  readonly exitCode: number | undefined;
  /** First error, one line. */
  readonly summary: string;
  /** Blob with the whole (bounded) output. */
  readonly logRef: string;
}

export type GateReport =
  | {
      readonly verdict: 'green';
      readonly tree: string;
      readonly gateHash: string;
      readonly ms: number;
      readonly cached: boolean;
    }
  | {
      readonly verdict: 'red';
      readonly tree: string;
      readonly gateHash: string;
      readonly ms: number;
      readonly failures: readonly GateFailure[];
      /** What a polecat needs to see of it. */
      readonly feedback: Feedback;
    };
