import type { CallRole } from '../host/callRole.ts';

/** What the lease of a host is doing to its residency. */
export type SwapPhase = 'drain' | 'unload' | 'load';

/** A call that runs, as the host that serves it knows it. */
export interface ReportedCall {
  readonly model: string;
  /** `<convoy>/<epic>/<bead>`; calls of nobody's bead have a name of their own. */
  readonly bead: string;
  readonly role: CallRole;
  readonly since: number;
}

/** What the lease of one host tells the fleet whenever it changes. Moments are epoch ms. */
export interface HostReport {
  readonly host: string;
  readonly at: number;
  /** Models whose gates are open. */
  readonly open: readonly string[];
  /** Since when the same gates are open. */
  readonly since: number;
  /** Models that it may hold, as its process is configured; undefined in reports of older ones. */
  readonly serves?: readonly string[];
  /** Models that are not served, since somebody has to mend something or the host rests from a failure. */
  readonly refused: readonly string[];
  /** Models that could not be loaded or have failed here, and why. */
  readonly troubles?: readonly ModelTrouble[];
  readonly running: readonly ReportedCall[];
  /** Calls in the queues of its models, as the server counts them. */
  readonly waiting: readonly { readonly model: string; readonly calls: number; readonly since: number }[];
  /** Calls that ended since the last report. */
  readonly ended: readonly (ReportedCall & { readonly ms: number; readonly failed?: true })[];
  /** A change under way. */
  readonly swap?: { readonly phase: SwapPhase; readonly to: readonly string[]; readonly since: number };
  /** Changes that were made since the last report, and what they took, ms. */
  readonly swaps: readonly HostSwap[];
  /** It serves nobody: its quiet hours, or its lease has ended. */
  readonly away?: 'quiet' | 'left';
  /** What stays in its memory although the gates are closed: a drained host unloads nothing. */
  readonly kept?: readonly string[];
  /** What it holds that is nobody's plan: somebody else uses the server. */
  readonly strangers?: readonly string[];
  /** What models were seen to take of its memory. */
  readonly sizes?: readonly { readonly model: string; readonly bytes: number }[];
  /** Calls that its gates sent back, in all. */
  readonly sentBack: number;
  /** The first of a lease: it follows no plan yet. */
  readonly fresh?: true;
}

/** Why a host does not serve one of its models. */
export interface ModelTrouble {
  readonly model: string;
  /** One line for people; a server may have had a say in it. */
  readonly what: string;
  /** How often it was tried in a row, and when it is tried again at the earliest; undefined where somebody has to mend something first. */
  readonly tries?: number;
  readonly nextAt?: number;
}

/** A change of what is resident. */
export interface HostSwap {
  readonly at: number;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly drainMs: number;
  readonly unloadMs: number;
  readonly loadMs: number;
  readonly failed?: true;
}
