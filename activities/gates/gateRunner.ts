import { isAbsolute } from 'node:path';
import type { Feedback } from '../../workflows/domain/bead/feedback.ts';
import { type GateTests, joinTests, type TestedPart } from '../../workflows/domain/gateTests.ts';
import type { Gate, RigSettings } from '../../workflows/domain/rig.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { GateFailure, GateReport, LookReport } from '../../workflows/ports.ts';
import { type Counts, uncounted } from '../counts/counts.ts';
import { fail } from '../failure.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { chooseRung, type Rung, runSandboxed, type SandboxResult, sweepScratch } from '../sandbox/index.ts';
import { alternatesOf } from '../sandbox/view.ts';
import { gateFeedback, type RedGate, redGate } from './evidence.ts';
import { judgeGate } from './judge.ts';
import { lookMs, lookReport, looksRefused } from './runLook.ts';
import { setupFailed } from './setupFailed.ts';
import { cacheMarks, copyCaches, ensureSnapshot, snapshotKey } from './snapshot.ts';
import { type GateTree, keepGitFile, readGitFile, readTree, restoreTree } from './tree.ts';

/** How the gates of one tree went. */
export interface GateRun {
  readonly verdict: 'green' | 'red';
  readonly ms: number;
  readonly gates: readonly { readonly gate: string; readonly passed: boolean; readonly ms: number }[];
  readonly failures: readonly GateFailure[];
  /** Undefined when no gate tells of tests. */
  readonly tests?: GateTests | undefined;
  /** What a polecat needs to see of it; undefined when green. */
  readonly feedback: Feedback | undefined;
}

export interface GateProgress {
  readonly gate: string;
  /** Bytes of output so far. */
  readonly bytes: number;
}

export interface RunTree {
  readonly rig: RigSettings;
  /** The root of a linked work tree of the rig's repository, or of a slot. */
  readonly dir: string;
  /** Names; empty means all. */
  readonly names: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** `chunk`: what the gate has just said. */
  readonly onProgress?: (progress: GateProgress, chunk?: Buffer) => void;
  /** What comes between set-up and gates, in the prepared tree. */
  readonly first?: (run: RunStep) => Promise<FirstSteps>;
}

/** Runs a shell line of the rig in the sandbox, as gates are run. */
export type RunStep = (step: Gate) => Promise<SandboxResult>;

/** What came out of the steps before the gates. */
export interface FirstSteps {
  /** Red already: no gate runs. */
  readonly red?: RedGate | undefined;
  /** For the feedback of a red run: before its sections, and after them. */
  readonly above?: string | undefined;
  readonly below?: string | undefined;
  /** How often in a row the nearest tests have refused, this time included. */
  readonly refusals?: number;
}

export interface GateRunner {
  /** One line for people. Throws `SandboxUnavailable`. */
  sandboxRung(rig: RigSettings): Promise<string>;
  /**
   * Gives the tree its caches. Free when the rig declares no set-up, cheap when the tree has them. Returns the failure
   * when the tree's own change broke set-up, and throws `SetupFailed` when set-up fails on what has landed.
   */
  prepareTree(rig: RigSettings, dir: string, signal?: AbortSignal): Promise<GateFailure | undefined>;
  /**
   * Prepares the tree and runs gates in the rig's order. A gate with an exit status does not hide those after it, but a
   * timeout or a flood ends the run: what hung once would cost the same again. Afterwards the tree is as committed.
   */
  runGates(request: RunTree): Promise<GateRun>;
  /** Runs one command that a model has asked for, without any network. Afterwards the tree is as committed. */
  runLook(request: Omit<RunTree, 'names' | 'onProgress'> & { readonly command: string }): Promise<LookReport>;
}

export interface GateRunnerParts {
  readonly home: Home;
  readonly blobs: Blobs;
  readonly rungFor?: (rig: RigSettings) => Promise<Rung>;
  /** Bytes of output at which a gate counts as flooding. */
  readonly outputLimit?: number;
  readonly counts?: Counts;
}

export const createGateRunner = (parts: GateRunnerParts): GateRunner => {
  const { home, blobs, counts = uncounted } = parts;
  const rungFor = parts.rungFor ?? ((rig: RigSettings) => chooseRung(rig));
  /** Trees that have their caches, by folder: the snapshot and the marks of the copies. */
  const prepared = new Map<string, { readonly snapshot: string; readonly marks: string }>();
  /** Set-ups that failed, by snapshot and tree: asking again would take as long and say the same. */
  const broken = new Map<string, RedGate>();
  // At once, not at the first gate: what a killed worker's gates left running works on without an owner (G5).
  const swept = sweepScratch(home.scratch).catch(() => undefined);

  const treeOf = (rig: RigSettings, dir: string, signal: AbortSignal | undefined): GateTree => ({
    dir,
    repo: home.repo(rig.name),
    caches: rig.caches,
    sparse: rig.sparse,
    signal,
  });

  const sandboxed = async (
    rig: RigSettings,
    dir: string,
    gate: Gate,
    signal: AbortSignal | undefined,
    onOutput?: (bytes: number, chunk: Buffer) => void,
  ): Promise<SandboxResult> => {
    await swept;
    const rung = await rungFor(rig);
    const repo = home.repo(rig.name);
    const gitFile = rung.name === 'none' ? await readGitFile({ dir, repo }) : undefined;
    try {
      return await runSandboxed({
        rung,
        command: gate.run,
        cwd: dir,
        writable: [dir],
        readOnly: [repo, ...(await alternatesOf(repo))],
        hidden: [home.root, ...(isAbsolute(rig.source) ? [rig.source] : [])],
        scratch: home.scratch,
        network: rig.network,
        limits: rig.runLimits,
        timeoutMs: gate.timeoutMs,
        ...(parts.outputLimit === undefined ? {} : { outputLimit: parts.outputLimit }),
        signal,
        ...(onOutput === undefined ? {} : { onOutput }),
      });
    } finally {
      if (gitFile !== undefined) await keepGitFile({ dir, repo }, gitFile);
    }
  };

  const prepare = async (
    rig: RigSettings,
    dir: string,
    signal: AbortSignal | undefined,
  ): Promise<RedGate | undefined> => {
    if (rig.setup === undefined) return;
    const gate: Gate = { name: 'setup', run: rig.setup, timeoutMs: rig.setupTimeoutMs };
    const tree = treeOf(rig, dir, signal);
    const state = await readTree(tree);
    const place = { home, rig, dir, signal };
    const key = await snapshotKey(place, state);
    const known = broken.get(`${key.name} ${state.tree}`);
    if (known !== undefined) return known;
    if (rig.caches.length === 0) {
      // Nothing to keep: set-up is a step of every run.
      const result = await sandboxed(rig, dir, gate, signal);
      await restoreTree(tree);
      if (result.exitCode === 0) return;
      if (key.landed && key.commit === state.head) throw setupFailed(rig, result);
      return redGate(blobs, gate, result, dir, { kind: 'setup' });
    }
    const before = prepared.get(dir);
    if (before?.snapshot === key.name && before.marks === (await cacheMarks(rig, dir))) return;
    const made = await ensureSnapshot(place, key, (folder) => sandboxed(rig, folder, gate, signal));
    if ('red' in made) {
      if (key.landed) throw setupFailed(rig, made.red);
      const red = await redGate(blobs, gate, made.red, dir, { kind: 'setup' });
      broken.set(`${key.name} ${state.tree}`, red);
      return red;
    }
    await copyCaches(made.folder, rig, dir);
    prepared.set(dir, { snapshot: key.name, marks: await cacheMarks(rig, dir) });
    return;
  };

  return {
    async sandboxRung(rig) {
      return (await rungFor(rig)).isolates;
    },

    async prepareTree(rig, dir, signal) {
      const red = await prepare(rig, dir, signal);
      return red === undefined ? undefined : plainFailure(red);
    },

    async runLook({ rig, dir, command, signal }) {
      const refused = looksRefused(rig, (await rungFor(rig)).name);
      if (refused !== undefined) return { outputRef: await blobs.put(refused), ended: 'not run' };
      try {
        await prepare(rig, dir, signal);
        const offline = { ...rig, network: false };
        const look = { name: 'look', run: command, timeoutMs: lookMs };
        return await lookReport(blobs, await sandboxed(offline, dir, look, signal));
      } finally {
        await restoreTree({ ...treeOf(rig, dir, signal), signal: undefined });
      }
    },

    async runGates({ rig, dir, names, signal, onProgress, first }) {
      const begun = performance.now();
      const gates = chosen(rig, names);
      const ran: { gate: string; passed: boolean; ms: number }[] = [];
      const red: RedGate[] = [];
      const parts: TestedPart[] = [];
      const tree = treeOf(rig, dir, signal);
      const broke = await prepare(rig, dir, signal);
      if (broke !== undefined) red.push(broke);
      const step: RunStep = (gate) => {
        onProgress?.({ gate: gate.name, bytes: 0 });
        return sandboxed(rig, dir, gate, signal, (bytes, chunk) =>
          onProgress?.({ gate: gate.name, bytes }, chunk),
        );
      };
      let steps: FirstSteps = {};
      try {
        if (broke === undefined && first !== undefined) steps = await first(step);
        if (steps.red !== undefined) red.push(steps.red);
        for (const gate of red.length === 0 ? gates : []) {
          const { result, red: failed, tests } = await judgeGate({ blobs, dir }, gate, () => step(gate));
          const passed = failed === undefined;
          parts.push({ red: !passed, tests });
          ran.push({ gate: gate.name, passed, ms: Math.round(result.ms) });
          const labels = { rig: rig.name, gate: gate.name, result: passed ? 'passed' : 'failed' };
          counts.observe('gateSeconds', labels, result.ms / 1_000);
          if (passed) continue;
          red.push(failed);
          if (result.timedOut || result.flooded) break;
        }
      } finally {
        // Also after a cancel, whose signal must not stop this.
        await restoreTree({ ...tree, signal: undefined });
      }
      const feedback = red.length === 0 ? undefined : await gateFeedback(blobs, red, steps);
      return {
        verdict: red.length === 0 ? 'green' : 'red',
        ms: Math.round(performance.now() - begun),
        gates: ran,
        failures: red.map(plainFailure),
        tests: joinTests(parts),
        feedback:
          feedback === undefined || steps.refusals === undefined
            ? feedback
            : { ...feedback, nearest: steps.refusals },
      };
    },
  };
};

/** A run as the report that workflows read. */
export const gateReport = (run: GateRun, tree: string, gateHash: string): GateReport =>
  run.feedback === undefined
    ? { verdict: 'green', tree, gateHash, ms: run.ms, cached: false, ...testsOf(run) }
    : {
        ...{ verdict: 'red', tree, gateHash, ms: run.ms, failures: run.failures, feedback: run.feedback },
        ...testsOf(run),
      };

const testsOf = ({ tests }: GateRun): { readonly tests?: GateTests } =>
  tests === undefined ? {} : { tests };

/** Longest command that failures carry, for people to run it themselves. */
const longestCommand = 300;

const plainFailure = ({ gate, kind, exitCode, summary, logRef, command }: RedGate): GateFailure => ({
  ...{ gate, kind, exitCode, summary, logRef },
  ...(command.length > longestCommand || /[\n\r]/.test(command) ? {} : { command }),
});

const chosen = (rig: RigSettings, names: readonly string[]): readonly Gate[] => {
  const unknown = names.filter((name) => !rig.gates.some((gate) => gate.name === name));
  if (unknown.length > 0) {
    throw fail('PlanRejected', {
      what: `Rig "${rig.name}" has no gate ${unknown.map((name) => `"${oneLine(name, 60)}"`).join(', ')}.`,
      evidence: `its gates: ${rig.gates.map(({ name }) => name).join(', ') || 'none'}`,
      next: 'Name one of these in the plan, or add the gate to gastown.yaml.',
    });
  }
  return names.length === 0 ? rig.gates : rig.gates.filter(({ name }) => names.includes(name));
};
