import type { RigSettings } from '../../workflows/domain/rig.ts';
import type { Counts } from '../counts/counts.ts';
import { fail } from '../failure.ts';
import type { GateRunner } from '../gates/index.ts';
import { resolveObject } from '../git/objects.ts';
import { type GitResult, git } from '../git/run.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';

/** What the Refinery's activities are made of. */
export interface RefineryDeps {
  readonly home: Home;
  readonly rigs: ReadonlyMap<string, RigSettings>;
  readonly blobs: Blobs;
  readonly runner: Pick<GateRunner, 'runGates' | 'sandboxRung'>;
  /** Between heartbeats, ms. */
  readonly heartbeatEveryMs?: number;
  readonly counts?: Counts;
  /** Tests of one rig that run at once on this machine, where the rig does not say. */
  readonly slots?: number;
}

interface BenchGit {
  /** Default: the bare repository. */
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly okExitCodes?: readonly number[];
}

/** One rig's bare repository during one activity. */
export interface Bench {
  readonly rig: RigSettings;
  readonly repo: string;
  readonly signal: AbortSignal;
  /** Sealed: no configuration of the user, no hooks. */
  readonly plumb: (args: readonly string[], options?: BenchGit) => Promise<GitResult>;
  /** For fetch and push: the user's own credentials and ssh. */
  readonly transport: (args: readonly string[], options?: BenchGit) => Promise<GitResult>;
}

export const benchOf = (deps: RefineryDeps, name: string, signal: AbortSignal): Bench => {
  const rig = deps.rigs.get(name);
  if (rig === undefined) throw unknownRig(deps, name);
  return benchAt(rig, deps.home.repo(name), signal);
};

/** The same for a rig and its repository that are known. */
export const benchAt = (rig: RigSettings, repo: string, signal: AbortSignal): Bench => {
  const call =
    (profile: 'plumbing' | 'transport'): Bench['plumb'] =>
    (args, options = {}) =>
      git(args, { cwd: repo, own: repo, profile, signal, ...options });
  return { rig, repo, signal, plumb: call('plumbing'), transport: call('transport') };
};

const unknownRig = (deps: RefineryDeps, name: string): Error =>
  fail('RigUnusable', {
    what: `This worker knows no rig "${name}".`,
    evidence: `its rigs: ${[...deps.rigs.keys()].join(', ') || 'none'}`,
    next: 'Add the rig to gastown.yaml and start the town again with: gt up',
  });

/** The commit that a name stands for, or undefined. Only names that we spelled: a model's text never gets here. */
export const commitOf = async (bench: Bench, name: string): Promise<string | undefined> => {
  const found = await resolveObject(bench.repo, `${name}^{commit}`, bench.signal);
  return found?.oid;
};

export const isAncestor = async (bench: Bench, old: string, young: string): Promise<boolean> => {
  const { exitCode } = await bench.plumb(['merge-base', '--is-ancestor', old, young], {
    okExitCodes: [0, 1],
  });
  return exitCode === 0;
};

export const isOid = (text: string): boolean => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text);
