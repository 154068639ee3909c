import { chooseGroup, nextStep, reduceRefinery } from '../../../workflows/domain/queue/mergeQueue.ts';
import {
  type Composed,
  type Delivery,
  initialRefinery,
  type RefineryEvent,
  type RefineryState,
  type Step,
} from '../../../workflows/domain/queue/refineryState.ts';
import { type Submission, submissionKey } from '../../../workflows/domain/queue/submission.ts';

/** What the random world may do to a queue. Probabilities from 0 to 1. */
export interface WorldShape {
  readonly seed: number;
  readonly beads: number;
  readonly bad: number;
  readonly conflicts: number;
  readonly flaky: number;
  readonly outsiders: number;
  readonly withdrawals: number;
  readonly resubmissions: number;
  readonly pauses: number;
  readonly upstream: number;
  readonly failures: number;
}

/** Everything that happened, for the properties to judge. */
export interface WorldRecord {
  readonly state: RefineryState;
  readonly submitted: readonly Submission[];
  readonly verdicts: readonly Delivery[];
  /** Each landing: its base, its members' keys, and whether the world's truth about it was green. */
  readonly landings: readonly { base: string; members: readonly string[]; tested: boolean; onTip: boolean }[];
  readonly steps: number;
  readonly violations: readonly string[];
}

const random = (seed: number) => {
  let a = seed >>> 0;
  return (): number => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const failure = (type: 'MergeConflict' | 'PushRefused' | 'SandboxUnavailable') => ({
  type,
  what: 'w',
  evidence: 'e',
  next: 'n',
});

/** Runs the production reducer against a random world until its queue is empty, or `maxSteps` is reached. */
export const runWorld = (shape: WorldShape, maxSteps = 20_000): WorldRecord => {
  const roll = random(shape.seed);
  const happens = (p: number): boolean => roll() < p;
  const violations: string[] = [];
  const verdicts: Delivery[] = [];
  const landings: WorldRecord['landings'][number][] = [];
  const submitted: Submission[] = [];
  const greenTests = new Set<string>();

  // The truth: which beads fail their gates, which pairs conflict, whether the tip is red by an outsider.
  const isBad = new Map<string, boolean>();
  const pairs = new Set<string>();
  const pairOf = (a: string, b: string): string => [a, b].sort().join('+');
  let tip = 'tip0';
  let tipRed = false;
  let commits = 0;
  let upstreamTip: string | undefined;
  /** Whom the outsider's last push stands in the way of. */
  let inTheWay = new Set<string>();
  let lookedAt = tip;
  const onTarget = new Set<string>(); // beads
  const redCommits = new Map<string, boolean>();
  const pausedWith = { steps: 0 };

  const beadOf = (n: number): string => `c/e/b${n}`;
  for (let i = 0; i < shape.beads; i++) {
    isBad.set(beadOf(i), happens(shape.bad));
    for (let j = 0; j < i; j++) if (happens(shape.conflicts)) pairs.add(pairOf(beadOf(i), beadOf(j)));
  }

  // JSON there and back after every event: the state must survive continue-as-new (Q6).
  let state = initialRefinery('rig', 'main', shape.upstream > 0 ? 'upstream' : undefined);
  const feed = (event: RefineryEvent): void => {
    const before = state.waiting.map(submissionKey);
    const next = reduceRefinery(state, event);
    state = JSON.parse(JSON.stringify(next.state)) as RefineryState;
    verdicts.push(...next.verdicts);
    const after = state.waiting.map(submissionKey);
    const kept = before.filter((key) => after.includes(key));
    const order = after.filter((key) => before.includes(key));
    if (kept.join() !== order.join()) violations.push(`order changed by ${event.kind}`);
    const told = next.verdicts.map((one) => submissionKey(one.verdict));
    for (const { verdict } of next.verdicts) {
      if (verdict.outcome !== 'sentBack' || verdict.failure.type !== 'MergeConflict') continue;
      if (before.includes(submissionKey(verdict)) && !greenTests.has(lookedAt)) {
        violations.push(`sent back for a conflict with ${lookedAt}, which nobody has seen green`);
      }
    }
    const lost = before.filter((key) => !after.includes(key) && !told.includes(key));
    if (lost.length > 0) violations.push(`lost by ${event.kind}: ${lost.join(' ')}`);
  };

  const submit = (bead: string, attempt: number): void => {
    const one: Submission = {
      bead,
      attempt,
      head: `h-${bead}-${attempt}`,
      base: tip,
      title: bead,
      taskRef: 't',
      polecat: 'p',
      model: 'm',
      gateHash: 'g',
      workflowId: `bead/${bead}`,
    };
    submitted.push(one);
    feed({ kind: 'submitted', submission: one });
  };

  const pushedByOutsider = (): void => {
    // Red now and then, always repaired by the next push.
    tipRed = tipRed ? false : happens(0.3);
    tip = `outsider${++commits}`;
    redCommits.set(tip, tipRed);
    // What breaks the gates is also what most often clashes.
    const clash = tipRed ? 0.5 : shape.conflicts;
    inTheWay = new Set(submitted.map(({ bead }) => bead).filter(() => happens(clash)));
  };

  /** What may happen at any moment, between steps and while one runs. */
  const meanwhile = (): void => {
    if (happens(shape.outsiders)) pushedByOutsider();
    if (happens(shape.upstream)) {
      upstreamTip = `up${++commits}`;
      redCommits.set(upstreamTip, happens(0.2));
    }
    const known = submitted[Math.floor(roll() * submitted.length)];
    if (known !== undefined && happens(shape.resubmissions)) feed({ kind: 'submitted', submission: known });
    if (known !== undefined && happens(shape.resubmissions / 2)) submit(known.bead, known.attempt + 1);
    if (known !== undefined && happens(shape.withdrawals)) {
      feed({ kind: 'withdrawn', id: known, workflowId: known.workflowId });
    }
    if (happens(shape.withdrawals / 4)) {
      const id = { bead: 'c/e/unknown', attempt: commits, head: 'x' };
      feed({ kind: 'withdrawn', id, workflowId: 'nobody' });
    }
    if (state.paused === undefined && happens(shape.pauses)) feed({ kind: 'paused', reason: 'lunch' });
  };

  const composeOf = (members: readonly Submission[]): Composed => {
    const answer = {
      base: tip,
      baseTree: `tree-${tip}`,
      gateHash: 'g',
      commit: undefined,
      tree: undefined,
      members: [],
      conflicts: [],
      landed: [],
      upstream: undefined,
    };
    if (upstreamTip !== undefined) {
      const red = redCommits.get(upstreamTip) ?? false;
      const commit = `merge-${tip}-${upstreamTip}`;
      redCommits.set(commit, red);
      return {
        ...answer,
        commit,
        tree: `tree-${commit}`,
        upstream: { tip: upstreamTip, conflict: undefined },
      };
    }
    const landed = members.filter((one) => onTarget.has(one.bead));
    const rest = members.filter((one) => !onTarget.has(one.bead));
    const clashes = (one: Submission, beads: Iterable<string>): boolean =>
      [...beads].some((bead) => pairs.has(pairOf(bead, one.bead)));
    const conflicts = rest.filter((one) => inTheWay.has(one.bead) || clashes(one, onTarget));
    const group: Submission[] = [];
    for (const one of rest) {
      if (
        conflicts.includes(one) ||
        clashes(
          one,
          group.map((g) => g.bead),
        )
      )
        continue;
      group.push(one);
    }
    const commit = group.length === 0 ? undefined : `M(${tip};${group.map(submissionKey).join(',')})`;
    if (commit !== undefined) {
      redCommits.set(commit, (redCommits.get(tip) ?? false) || group.some((one) => isBad.get(one.bead)));
    }
    const idOf = ({ bead, attempt, head }: Submission) => ({ bead, attempt, head });
    return {
      ...answer,
      commit,
      tree: commit && `tree-${commit}`,
      members: group.map((one) => ({ ...idOf(one), commit: `s-${one.head}` })),
      conflicts: conflicts.map((one) => ({
        ...idOf(one),
        failure: failure('MergeConflict'),
        evidenceRef: 'r',
      })),
      landed: landed.map((one) => ({ ...idOf(one), commit: `s-${one.head}` })),
    };
  };

  const carryOut = (step: Step): void => {
    switch (step.kind) {
      case 'wait':
        if (state.paused !== undefined) {
          if (++pausedWith.steps % 3 === 0) feed({ kind: 'resumed' });
        } else if (step.lookAgain) {
          // A person repairs what stopped the queue, or says that it was a flake.
          if (tipRed) pushedByOutsider();
          else if (upstreamTip !== undefined && redCommits.get(upstreamTip)) {
            upstreamTip = `up${++commits}`;
            redCommits.set(upstreamTip, false);
          } else if (happens(0.3)) feed({ kind: 'resumed' });
          feed({ kind: 'lookAgain' });
        }
        meanwhile();
        return;
      case 'chooseGroup': {
        const keys = chooseGroup(step.waiting, step.suspects);
        meanwhile();
        feed({ kind: 'chosen', keys });
        return;
      }
      case 'compose': {
        const composed = composeOf(step.members);
        meanwhile();
        lookedAt = composed.base;
        if (happens(shape.failures)) feed({ kind: 'failed', failure: failure('SandboxUnavailable') });
        else feed({ kind: 'composed', composed });
        return;
      }
      case 'test': {
        meanwhile();
        if (happens(shape.failures)) return feed({ kind: 'failed', failure: failure('SandboxUnavailable') });
        const red = (redCommits.get(step.commit) ?? false) || happens(shape.flaky);
        if (!red) greenTests.add(step.commit);
        feed({
          kind: 'tested',
          tested: red
            ? {
                verdict: 'red',
                failures: [{ gate: 'test', summary: 's' }],
                feedback: { summary: 's', ref: 'r' },
              }
            : { verdict: 'green' },
        });
        return;
      }
      case 'land': {
        meanwhile();
        if (happens(shape.failures)) return feed({ kind: 'failed', failure: failure('PushRefused') });
        if (tip !== step.base) return feed({ kind: 'stale', tip });
        landings.push({
          base: step.base,
          members: step.members.map(submissionKey),
          tested: greenTests.has(step.commit),
          onTip: tip === step.base,
        });
        for (const one of step.members) {
          if (onTarget.has(one.bead)) violations.push(`landed twice: ${one.bead}`);
          onTarget.add(one.bead);
        }
        if (upstreamTip !== undefined && step.commit.endsWith(upstreamTip)) upstreamTip = undefined;
        tip = step.commit;
        meanwhile();
        feed({ kind: 'landed' });
      }
    }
  };

  for (let i = 0; i < shape.beads; i++) submit(beadOf(i), 1);
  let steps = 0;
  while (steps < maxSteps && (state.waiting.length > 0 || state.work.at !== 'idle')) {
    steps++;
    // Half-way the world calms down, so that the queue can be seen to empty itself.
    if (steps === 300) shape = { ...shape, ...calm };
    carryOut(nextStep(state));
    meanwhile();
  }
  return { state, submitted, verdicts, landings, steps, violations };
};

const calm = {
  outsiders: 0,
  withdrawals: 0,
  resubmissions: 0,
  pauses: 0,
  upstream: 0,
  failures: 0,
  flaky: 0,
};
