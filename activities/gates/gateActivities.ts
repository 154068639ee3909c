import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import type { GatePort } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { createRepositoryMaps, type RepositoryMaps } from '../map/index.ts';
import { type Concealer, createConcealer } from '../secrets/concealer.ts';
import { takeFirstSteps } from './firstSteps.ts';
import { isFormatOf } from './format.ts';
import { gateHash } from './gateHash.ts';
import {
  type FirstSteps,
  type GateProgress,
  type GateRunner,
  gateReport,
  type RunStep,
} from './gateRunner.ts';
import { readTree, settleTree } from './tree.ts';
import { type GateWitnesses, witnessRun } from './witnesses.ts';

export interface GateActivityParts {
  readonly home: Home;
  readonly rigs: ReadonlyMap<string, RigSettings>;
  readonly runner: GateRunner;
  readonly blobs: Blobs;
  /** Shared with whoever else looks at the rigs' files. */
  readonly maps?: RepositoryMaps;
  /** The one of the blobs. */
  readonly concealer?: Concealer;
  /** Who is told how it goes. */
  readonly witnesses?: GateWitnesses;
  /** Between heartbeats, ms. */
  readonly heartbeatEveryMs?: number;
}

export const createGateActivities = ({
  home,
  rigs,
  runner,
  blobs,
  maps = createRepositoryMaps(home),
  concealer = createConcealer(),
  witnesses = {},
  heartbeatEveryMs = 2_000,
}: GateActivityParts): GatePort => ({
  /**
   * The gates of a bead on its committed tree, after the rig's `format` and `nearest`. Throws `WorktreeLost` when the worktree
   * stands elsewhere, and the cancellation after everything it started is dead.
   */
  async runGates(request) {
    const rig = rigs.get(request.rig);
    if (rig === undefined) throw unknownRig(request.rig, rigs);
    const signal = cancellationSignal();
    let progress: GateProgress | undefined;
    const beat = setInterval(() => heartbeat(progress), heartbeatEveryMs);
    const witnessed = witnessRun(witnesses, request.bead);
    try {
      const dir = home.worktree(rig.name, request.bead);
      const { caches, sparse } = rig;
      const tree = { dir, repo: home.repo(rig.name), caches, sparse, signal };
      const state = await settleTree(tree);
      // Killed after it had formatted the work, and repeated: what stands there is its own.
      const done = state.head !== request.head && (await isFormatOf(tree.repo, state.head, request.head));
      if (state.head !== request.head && !done) throw movedAway(dir, state.head, request.head);
      let { head } = state;
      const { bead, base } = request;
      const first = async (run: RunStep): Promise<FirstSteps> => {
        if (base === undefined || base === head) return {};
        const work = { ...{ rig, bead, tree, base, head, concealer, blobs, maps, signal, run } };
        const steps = await takeFirstSteps({ ...work, done, refused: request.refused });
        head = steps.head;
        return steps;
      };
      const run = await runner.runGates({
        rig,
        dir,
        names: request.gates,
        signal,
        first,
        onProgress: (now, chunk) => {
          progress = now;
          witnessed.progress(now, chunk);
        },
      });
      await witnessed.done(run, { repo: tree.repo, blobs, reply: request.head, head });
      const now = head === state.head ? state : await readTree({ ...tree, signal });
      const report = gateReport(run, now.tree, gateHash(rig));
      return head === request.head ? report : { ...report, head };
    } finally {
      clearInterval(beat);
      await witnessed.end();
    }
  },

  async runLook(request) {
    const rig = rigs.get(request.rig);
    if (rig === undefined) throw unknownRig(request.rig, rigs);
    const signal = cancellationSignal();
    const dir = home.worktree(rig.name, request.bead);
    const { caches, sparse } = rig;
    const tree = { dir, repo: home.repo(rig.name), caches, sparse, signal };
    const state = await settleTree(tree);
    if (state.head !== request.head) throw movedAway(dir, state.head, request.head);
    return runner.runLook({ rig, dir, command: request.command, signal });
  },
});

const unknownRig = (name: string, rigs: ReadonlyMap<string, RigSettings>): Error =>
  fail('RigUnusable', {
    what: `This worker knows no rig "${name}".`,
    evidence: `its rigs: ${[...rigs.keys()].join(', ') || 'none'}`,
    next: 'Add the rig to gastown.yaml and start the town again with: gt up',
  });

const movedAway = (dir: string, found: string, wanted: string): Error =>
  fail('WorktreeLost', {
    what: 'The worktree of the bead is not on the commit whose gates were asked for.',
    evidence: `${dir}: HEAD is ${found}, wanted ${wanted}`,
    next: 'Nothing to do: the bead opens its worktree again. If this repeats, see: gt bead log',
  });
