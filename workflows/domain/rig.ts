import type { NetworkRule } from './sandbox/network.ts';
import type { SandboxLimits } from './sandbox/sandboxLimits.ts';

/** A gate: a command, named in the rig's configuration, that must exit 0. */
export interface Gate {
  readonly name: string;
  /** A shell command line, run by `sh -c` in the sandbox at the root of the tree. */
  readonly run: string;
  readonly timeoutMs: number;
  /** Where it writes JUnit's XML, in the tree: a file, or a folder of such files. */
  readonly report?: string | undefined;
  /** It only compiles: when it is red, no test is to blame. */
  readonly compile?: boolean | undefined;
  /** It runs tests: with none it is red, whatever its exit code. */
  readonly tests?: boolean | undefined;
}

/** A shell line of the rig that is no gate. */
export interface Step {
  readonly run: string;
  readonly timeoutMs: number;
}

/** Where what passed goes: pushed to the target, to a branch that a person merges, or only into the town's own copy. */
export type LandMode =
  | { readonly mode: 'push' }
  | { readonly mode: 'branch'; readonly branch: string }
  | { readonly mode: 'local' };

/** A git repository that the town works on, as configured. */
export interface RigSettings {
  readonly name: string;
  /** An absolute path, or a URL that git understands. */
  readonly source: string;
  readonly branch: string;
  readonly land: LandMode;
  /** Command that prepares the caches (for example `npm ci`), run in the sandbox once for each state of `cacheKey`. */
  readonly setup: string | undefined;
  readonly setupTimeoutMs: number;
  /** Paths (directories) that `setup` makes and every worktree gets as copies, e.g. `node_modules`. */
  readonly caches: readonly string[];
  /** Files whose contents name the cache, e.g. `package-lock.json`. */
  readonly cacheKey: readonly string[];
  /** Folders that work trees have, in git's cone mode; none: the whole repository. */
  readonly sparse: readonly string[];
  readonly gates: readonly Gate[];
  /** What set-up and gates may reach. */
  readonly network: NetworkRule;
  /** What of the repository may leave the machines of the town: nothing, an outline for planning, or whole files. */
  readonly cloud: 'never' | 'plan' | 'all';
  /** Whether to go on without a sandbox when no rung works. */
  readonly sandbox: 'required' | 'off' | 'sample';
  readonly maxWorkers: number;
  /** Tests that the Refinery runs at once; undefined: half of the machine's processors. */
  readonly tests?: number;
  /** What one command in the sandbox may use; what is not said has its default. */
  readonly runLimits?: Partial<SandboxLimits> | undefined;
  /** The file that tells polecats how the repository works; undefined: the first of `AGENTS.md`, `.gastown/notes.md` that is there. */
  readonly notes?: string | undefined;
  /** Most tokens of a prompt's map of the repository; undefined: 2,000. */
  readonly mapTokens?: number | undefined;
  /** What formats the files that a bead has changed, before its checks run: `{files}` stands for them. */
  readonly format?: Step | undefined;
  /** What runs the tests nearest to a change before the gates: `{tests}` stands for their files, `{folders}` for their folders. */
  readonly nearest?: Step | undefined;
}

/** A rig as `openRig` found it: the branch that the town really moves, and what to do to take it over. */
export interface OpenedRig {
  readonly rig: string;
  /** The branch of G1 and G2. Differs from the configured one where that is checked out or protected. */
  readonly target: string;
  /** The person's branch, merged into `target` when it moves; undefined when they are the same. */
  readonly upstream: string | undefined;
  readonly tip: string;
  readonly base: string;
  readonly gateHash: string;
  /** The command with which a person takes the target over; undefined when nothing is needed. */
  readonly takeOver: string | undefined;
  /** The sandbox rung that gates run in. */
  readonly sandbox: string;
}
