import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import type { GatePort } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import type { Home } from '../home.ts';
import { gateHash } from './gateHash.ts';
import { type GateProgress, type GateRunner, gateReport } from './gateRunner.ts';
import { readTree, restoreTree } from './tree.ts';

export interface GateActivityParts {
  readonly home: Home;
  readonly rigs: ReadonlyMap<string, RigSettings>;
  readonly runner: GateRunner;
  /** Between heartbeats, ms. */
  readonly heartbeatEveryMs?: number;
}

export const createGateActivities = ({
  home,
  rigs,
  runner,
  heartbeatEveryMs = 2_000,
}: GateActivityParts): GatePort => ({
  /**
   * The gates of a bead on its committed tree. Throws `WorktreeLost` when the worktree stands elsewhere, and the
   * cancellation after everything it started is dead.
   */
  async runGates(request) {
    const rig = rigs.get(request.rig);
    if (rig === undefined) throw unknownRig(request.rig, rigs);
    const signal = cancellationSignal();
    let progress: GateProgress | undefined;
    const beat = setInterval(() => heartbeat(progress), heartbeatEveryMs);
    try {
      const dir = home.worktree(rig.name, request.bead);
      const { caches, sparse } = rig;
      const tree = { dir, repo: home.repo(rig.name), caches, sparse, signal };
      const state = await readTree(tree);
      if (state.head !== request.head) throw movedAway(dir, state.head, request.head);
      await restoreTree(tree);
      const run = await runner.runGates({
        rig,
        dir,
        names: request.gates,
        signal,
        onProgress: (now) => {
          progress = now;
        },
      });
      return gateReport(run, state.tree, gateHash(rig));
    } finally {
      clearInterval(beat);
    }
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
