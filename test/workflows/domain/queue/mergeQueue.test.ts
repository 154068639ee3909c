import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureType } from '../../../../workflows/domain/failure.ts';
import { chooseGroup, nextStep, reduceRefinery } from '../../../../workflows/domain/queue/mergeQueue.ts';
import { refineryStatusOf, standingOf } from '../../../../workflows/domain/queue/refineryReport.ts';
import {
  type Composed,
  type Delivery,
  initialRefinery,
  type RefineryEvent,
  type RefineryState,
} from '../../../../workflows/domain/queue/refineryState.ts';
import { type Submission, submissionKey } from '../../../../workflows/domain/queue/submission.ts';
import { runWorld } from '../refineryWorld.ts';

const chance = (max: number) => fc.double({ min: 0, max, noNaN: true });

const anyWorld = fc.record({
  seed: fc.integer(),
  beads: fc.integer({ min: 1, max: 40 }),
  bad: chance(0.4),
  conflicts: chance(0.1),
  flaky: chance(0.2),
  outsiders: chance(0.1),
  withdrawals: chance(0.1),
  resubmissions: chance(0.2),
  pauses: chance(0.1),
  upstream: chance(0.05),
  failures: chance(0.05),
});

const submission = (n: number, attempt = 1): Submission => ({
  bead: `c/e/b${n}`,
  attempt,
  head: `h${n}-${attempt}`,
  base: 'base',
  title: `bead ${n}`,
  taskRef: 't',
  polecat: 'p',
  model: 'm',
  gateHash: 'g',
  workflowId: `bead/c/e/b${n}`,
});

const composedOf = (members: readonly Submission[], base = 'base'): Composed => ({
  base,
  baseTree: `tree-${base}`,
  gateHash: 'g',
  commit: members.length === 0 ? undefined : 'M',
  tree: members.length === 0 ? undefined : 'tree-M',
  members: members.map(({ bead, attempt, head }) => ({ bead, attempt, head, commit: `s-${head}` })),
  conflicts: [],
  landed: [],
  upstream: undefined,
});

/** The second bead conflicts with the base. */
const clashing = (members: readonly number[], type: FailureType = 'MergeConflict'): Composed => ({
  ...composedOf(members.map((n) => submission(n))),
  conflicts: [
    {
      bead: 'c/e/b2',
      attempt: 1,
      head: 'h2-1',
      failure: { type, what: 'w', evidence: 'e', next: 'n' },
      evidenceRef: 'blob',
    },
  ],
});

const green = { kind: 'tested', tested: { verdict: 'green' } } as const;
const red = {
  kind: 'tested',
  tested: {
    verdict: 'red',
    failures: [{ gate: 'test', summary: 'boom' }],
    feedback: { summary: 'boom', ref: 'r' },
  },
} as const;

/** Feeds events in; returns the last state and every verdict on the way. */
const play = (
  state: RefineryState,
  ...events: RefineryEvent[]
): { state: RefineryState; verdicts: readonly Delivery[] } => {
  const verdicts: Delivery[] = [];
  for (const event of events) {
    const next = reduceRefinery(state, event);
    state = next.state;
    verdicts.push(...next.verdicts);
  }
  return { state, verdicts };
};

const empty = initialRefinery('rig', 'main', undefined);
const submitted = (n: number, attempt = 1) =>
  ({ kind: 'submitted', submission: submission(n, attempt) }) as const;
const composed = (members: readonly number[], base?: string) =>
  ({
    kind: 'composed',
    composed: composedOf(
      members.map((n) => submission(n)),
      base,
    ),
  }) as const;
const chosen = (...members: number[]) =>
  ({ kind: 'chosen', keys: members.map((n) => submissionKey(submission(n))) }) as const;
const withdrawn = (n: number, attempt = 1) =>
  ({ kind: 'withdrawn', id: submission(n, attempt), workflowId: `bead/c/e/b${n}` }) as const;

describe('the merge queue in random worlds', () => {
  const options = { numRuns: 100 };

  it('Q1: no submission is lost, each ends with exactly one verdict, and the queue empties itself', () => {
    fc.assert(
      fc.property(anyWorld, (shape) => {
        const world = runWorld(shape);
        expect(world.violations).toEqual([]);
        expect(world.state.waiting).toEqual([]);
        const verdicts = Map.groupBy(world.verdicts, (one) => submissionKey(one.verdict));
        for (const one of world.submitted) {
          const told = new Set(verdicts.get(submissionKey(one))?.map((v) => v.verdict.outcome));
          expect([submissionKey(one), told.size]).toEqual([submissionKey(one), 1]);
        }
      }),
      options,
    );
  });

  it('Q2, G2: whatever lands was tested green as that commit, on the tip it was made on', () => {
    fc.assert(
      fc.property(anyWorld, (shape) => {
        const { landings } = runWorld(shape);
        expect(landings.filter((one) => !one.tested || !one.onTip)).toEqual([]);
      }),
      options,
    );
  });

  it('Q3: in a world without flakes and conflicts only bad beads are sent back', () => {
    fc.assert(
      fc.property(anyWorld, (shape) => {
        const calm = { ...shape, flaky: 0, conflicts: 0, withdrawals: 0, resubmissions: 0 };
        const world = runWorld(calm);
        const outcomes = Map.groupBy(world.verdicts, (one) => one.verdict.outcome);
        const sent = outcomes.get('sentBack')?.length ?? 0;
        const landed = outcomes.get('landed')?.length ?? 0;
        expect(sent + landed).toBe(shape.beads);
        expect(world.landings.flatMap((one) => one.members)).toHaveLength(landed);
      }),
      options,
    );
  });

  it('G2, Q3: in no world is anybody sent back for a conflict with a tip that nobody has seen green', () => {
    const pushed = anyWorld.map((shape) => ({ ...shape, outsiders: 0.15, conflicts: 0.1 }));
    fc.assert(
      fc.property(pushed, (shape) => {
        expect(runWorld(shape).violations).toEqual([]);
      }),
      options,
    );
  });

  it('Q6: the state stays small however long the queue lives', () => {
    const world = runWorld({
      seed: 7,
      beads: 300,
      bad: 0.5,
      conflicts: 0,
      flaky: 0,
      outsiders: 0,
      withdrawals: 0,
      resubmissions: 0,
      pauses: 0,
      upstream: 0,
      failures: 0,
    });
    expect(world.state.settled).toHaveLength(256);
    expect(JSON.stringify(world.state).length).toBeLessThan(200_000);
  });
});

describe('chooseGroup', () => {
  it('takes up to 16 in order of arrival', () => {
    const waiting = Array.from({ length: 20 }, (_, n) => submission(n));
    expect(chooseGroup(waiting, [])).toEqual(waiting.slice(0, 16).map(submissionKey));
  });

  it('tests suspects alone, in order, before anything else', () => {
    const waiting = [submission(1), submission(2), submission(3)];
    const suspects = [submission(2), submission(3)].map(submissionKey);
    expect(chooseGroup(waiting, suspects)).toEqual([submissionKey(submission(2))]);
  });

  it('forgets suspects that are no longer waiting', () => {
    expect(chooseGroup([submission(1)], ['gone'])).toEqual([submissionKey(submission(1))]);
  });
});

describe('the merge queue', () => {
  it('waits when nothing is there', () => {
    expect(nextStep(empty)).toEqual({ kind: 'wait', lookAgain: false });
  });

  it('takes one bead from submission to landing, testing an unknown base first', () => {
    let { state } = play(empty, submitted(1));
    expect(nextStep(state).kind).toBe('chooseGroup');
    ({ state } = play(state, chosen(1)));
    expect(nextStep(state)).toEqual({ kind: 'compose', members: [submission(1)] });
    ({ state } = play(state, composed([1])));
    expect(nextStep(state)).toMatchObject({ kind: 'test', of: 'base', commit: 'base', run: 1 });
    ({ state } = play(state, green));
    expect(nextStep(state)).toMatchObject({ kind: 'test', of: 'group', commit: 'M', tree: 'tree-M', run: 1 });
    ({ state } = play(state, green));
    expect(nextStep(state)).toMatchObject({ kind: 'land', base: 'base', commit: 'M' });
    const end = play(state, { kind: 'landed' });
    expect(end.verdicts).toEqual([
      {
        workflowId: 'bead/c/e/b1',
        verdict: { bead: 'c/e/b1', attempt: 1, head: 'h1-1', outcome: 'landed', commit: 's-h1-1' },
      },
    ]);
    expect(end.state.waiting).toEqual([]);
    // What it landed itself needs no second test.
    const next = play(end.state, submitted(2), chosen(2), composed([2], 'M')).state;
    expect(nextStep(next)).toMatchObject({ kind: 'test', of: 'group' });
  });

  it('tests the base again when the gates changed', () => {
    const { state } = play(empty, submitted(1), chosen(1), composed([1]), green, green, { kind: 'landed' });
    const other = { ...composedOf([submission(2)], 'M'), gateHash: 'other' };
    const next = play(state, submitted(2), chosen(2), { kind: 'composed', composed: other }).state;
    expect(nextStep(next)).toMatchObject({ kind: 'test', of: 'base', commit: 'M', gateHash: 'other' });
  });

  it('Q4: a base that is red twice stops the queue until the tip moves', () => {
    const start = play(empty, submitted(1), chosen(1), composed([1]), red).state;
    expect(nextStep(start)).toMatchObject({ kind: 'test', of: 'base', run: 2 });
    const { state } = play(start, red);
    expect(state.stopped?.failure.type).toBe('BaseRed');
    expect(state.waiting).toHaveLength(1);
    expect(nextStep(state)).toEqual({ kind: 'wait', lookAgain: true });
    expect(refineryStatusOf(state).stopped?.what).toContain('main');

    const look = play(state, { kind: 'lookAgain' }).state;
    expect(nextStep(look)).toEqual({ kind: 'compose', members: [] });
    expect(nextStep(play(look, composed([])).state)).toEqual({ kind: 'wait', lookAgain: true });
    expect(nextStep(play(look, composed([], 'repaired')).state).kind).toBe('chooseGroup');
    expect(nextStep(play(state, { kind: 'resumed' }).state).kind).toBe('chooseGroup');
  });

  it('Q3: a red group convicts nobody; its members are tested alone, and a lone red is repeated', () => {
    let { state, verdicts } = play(
      empty,
      submitted(1),
      submitted(2),
      chosen(1, 2),
      composed([1, 2]),
      green,
      red,
    );
    expect(verdicts).toEqual([]);
    expect(nextStep(state)).toMatchObject({
      kind: 'chooseGroup',
      suspects: [1, 2].map((n) => submissionKey(submission(n))),
    });
    ({ state, verdicts } = play(state, chosen(1), composed([1]), red));
    expect(verdicts).toEqual([]);
    expect(nextStep(state)).toMatchObject({ kind: 'test', of: 'group', run: 2 });
    ({ state, verdicts } = play(state, red));
    expect(verdicts[0]?.verdict).toMatchObject({ bead: 'c/e/b1', outcome: 'sentBack', evidenceRef: 'r' });
    ({ state, verdicts } = play(state, chosen(2), composed([2]), red, green, { kind: 'landed' }));
    expect(verdicts[0]?.verdict).toMatchObject({ bead: 'c/e/b2', outcome: 'landed' });
    expect(state.suspects).toEqual([]);
  });

  it('composes anew when somebody else moved the target, and members keep their place', () => {
    const { state, verdicts } = play(
      empty,
      submitted(1),
      submitted(2),
      chosen(1, 2),
      composed([1, 2]),
      green,
      green,
      { kind: 'stale', tip: 'theirs' },
    );
    expect(verdicts).toEqual([]);
    expect(state.waiting.map((one) => one.bead)).toEqual(['c/e/b1', 'c/e/b2']);
    expect(state.tip).toBe('theirs');
  });

  it('sends back who conflicts with the target, and keeps who only conflicts with the group', () => {
    const { state, verdicts } = play(
      { ...empty, green: { commit: 'base', gateHash: 'g' } },
      submitted(1),
      submitted(2),
      submitted(3),
      chosen(1, 2, 3),
      { kind: 'composed', composed: clashing([1]) },
    );
    expect(verdicts.map((one) => one.verdict)).toMatchObject([{ bead: 'c/e/b2', outcome: 'sentBack' }]);
    expect(state.waiting.map((one) => one.bead)).toEqual(['c/e/b1', 'c/e/b3']);
  });

  describe('G2: a conflict with a tip that is not known to be green', () => {
    const start = play(empty, submitted(1), submitted(2), chosen(1, 2)).state;

    it('sends back when that tip proves green, and the others go on', () => {
      const asked = play(start, { kind: 'composed', composed: clashing([1]) });
      expect(asked.verdicts).toEqual([]);
      expect(nextStep(asked.state)).toMatchObject({ kind: 'test', of: 'base', commit: 'base' });
      const { state, verdicts } = play(asked.state, red, green);
      expect(verdicts.map((one) => one.verdict)).toMatchObject([
        { bead: 'c/e/b2', outcome: 'sentBack', evidenceRef: 'blob' },
      ]);
      expect(nextStep(state)).toMatchObject({ kind: 'test', of: 'group', commit: 'M' });
    });

    it('sends nobody back when that tip is red, and the queue stops', () => {
      const { state, verdicts } = play(start, { kind: 'composed', composed: clashing([1]) }, red, red);
      expect(verdicts).toEqual([]);
      expect(state.stopped?.failure.type).toBe('BaseRed');
      expect(state.waiting).toHaveLength(2);
      const repaired = play(state, { kind: 'lookAgain' }, composed([], 'repaired')).state;
      expect(nextStep(repaired)).toMatchObject({ kind: 'chooseGroup', waiting: [{ attempt: 1 }, {}] });
    });

    it('gates the tip also when nothing else merges', () => {
      const alone = play(start, { kind: 'composed', composed: clashing([]) }).state;
      expect(nextStep(alone)).toMatchObject({ kind: 'test', of: 'base', commit: 'base', tree: 'tree-base' });
      const { state, verdicts } = play(alone, green);
      expect(verdicts.map((one) => one.verdict)).toMatchObject([{ bead: 'c/e/b2', outcome: 'sentBack' }]);
      expect(nextStep(state)).toMatchObject({ kind: 'chooseGroup', waiting: [submission(1)] });
    });

    it('lets go who withdraws meanwhile, with one verdict', () => {
      const asked = play(start, { kind: 'composed', composed: clashing([]) }).state;
      const { verdicts } = play(asked, withdrawn(2), green);
      expect(verdicts.map((one) => one.verdict.outcome)).toEqual(['withdrawn']);
    });

    it('sends back at once whose commit is gone: no tip is to blame', () => {
      const { verdicts } = play(start, { kind: 'composed', composed: clashing([1], 'GitFailed') });
      expect(verdicts.map((one) => one.verdict)).toMatchObject([{ bead: 'c/e/b2', outcome: 'sentBack' }]);
    });
  });

  it('tells a bead that has landed already', () => {
    const answer = { ...composedOf([]), landed: composedOf([submission(1)]).members };
    const { verdicts } = play(empty, submitted(1), chosen(1), { kind: 'composed', composed: answer });
    expect(verdicts.map((one) => one.verdict.outcome)).toEqual(['landed']);
  });
});

describe('submitting and withdrawing', () => {
  it('keeps the place of what is queued and repeats the verdict of what is settled', () => {
    const twice = play(empty, submitted(1), submitted(1));
    expect(twice.state.waiting).toHaveLength(1);
    const settled = play(twice.state, withdrawn(1), submitted(1));
    expect(settled.state.waiting).toEqual([]);
    expect(settled.verdicts.map((one) => one.verdict.outcome)).toEqual(['withdrawn', 'withdrawn']);
    expect(standingOf(settled.state, submission(1))).toBe('settled');
    expect(standingOf(settled.state, submission(9))).toBe('unknown');
  });

  it('replaces an older attempt in its place, and refuses one that comes late', () => {
    const { state, verdicts } = play(empty, submitted(1), submitted(2), submitted(1, 2));
    expect(state.waiting.map(submissionKey)).toEqual([submission(1, 2), submission(2)].map(submissionKey));
    expect(verdicts.map((one) => one.verdict)).toMatchObject([{ attempt: 1, outcome: 'withdrawn' }]);
    const late = play(empty, submitted(1, 2), submitted(1, 1));
    expect(late.state.waiting.map((one) => one.attempt)).toEqual([2]);
    expect(late.verdicts.map((one) => one.verdict)).toMatchObject([{ attempt: 1, outcome: 'withdrawn' }]);
  });

  it('lets one under test go at once and abandons the group', () => {
    const testing = play(empty, submitted(1), submitted(2), chosen(1, 2), composed([1, 2]), green).state;
    const left = play(testing, withdrawn(1));
    expect(left.verdicts.map((one) => one.verdict.outcome)).toEqual(['withdrawn']);
    const after = play(left.state, green).state;
    expect(nextStep(after)).toMatchObject({ kind: 'chooseGroup', waiting: [submission(2)] });
  });

  it('does not let go once the landing has begun, except when it proves stale', () => {
    const landing = play(empty, submitted(1), chosen(1), composed([1]), green, green).state;
    const asked = play(landing, withdrawn(1));
    expect(asked.verdicts).toEqual([]);
    expect(play(asked.state, { kind: 'landed' }).verdicts.map((one) => one.verdict.outcome)).toEqual([
      'landed',
    ]);
    const stale = play(asked.state, { kind: 'stale', tip: 'x' });
    expect(stale.verdicts.map((one) => one.verdict.outcome)).toEqual(['withdrawn']);
  });

  it('answers an unknown one with withdrawn, also when its submission comes afterwards', () => {
    const { state, verdicts } = play(empty, withdrawn(1), submitted(1));
    expect(verdicts.map((one) => one.verdict.outcome)).toEqual(['withdrawn', 'withdrawn']);
    expect(state.waiting).toEqual([]);
  });
});

describe('pausing', () => {
  it('finishes the step and starts nothing', () => {
    const testing = play(empty, submitted(1), chosen(1), composed([1]), green).state;
    const paused = play(testing, { kind: 'paused', reason: 'lunch' }, green).state;
    expect(nextStep(paused)).toEqual({ kind: 'wait', lookAgain: false });
    expect(refineryStatusOf(paused).stopped?.what).toContain('lunch');
    // The landing has not begun, so a bead may still leave.
    expect(play(paused, withdrawn(1)).verdicts).toHaveLength(1);
    expect(nextStep(play(paused, { kind: 'resumed' }).state).kind).toBe('land');
  });

  it('lets a landing that has begun be finished', () => {
    const landing = play(empty, submitted(1), chosen(1), composed([1]), green, green).state;
    expect(nextStep(play(landing, { kind: 'paused', reason: 'lunch' }).state).kind).toBe('land');
  });
});

describe('a town branch whose upstream moved', () => {
  const merge: Composed = {
    ...composedOf([]),
    commit: 'U',
    tree: 'tree-U',
    upstream: { tip: 'theirs', conflict: undefined },
  };
  const inBranchMode = initialRefinery('rig', 'gastown/main', 'main');

  it('tests and lands the merge first, even on a base that it may repair', () => {
    const testing = play(inBranchMode, submitted(1), chosen(1), { kind: 'composed', composed: merge }).state;
    expect(nextStep(testing)).toMatchObject({ kind: 'test', of: 'group', commit: 'U' });
    const end = play(testing, green, { kind: 'landed' });
    expect(end.verdicts).toEqual([]);
    expect(end.state.waiting).toHaveLength(1);
    expect(end.state.green?.commit).toBe('U');
  });

  it('stops on a conflict or when it is red twice, and goes on when upstream moves', () => {
    const conflict = { type: 'MergeConflict', what: 'w', evidence: 'e', next: 'n' } as const;
    const clash = { ...composedOf([]), upstream: { tip: 'theirs', conflict } };
    const stopped = play(inBranchMode, submitted(1), chosen(1), { kind: 'composed', composed: clash }).state;
    expect(stopped.stopped?.failure).toEqual(conflict);
    const look = play(stopped, { kind: 'lookAgain' }).state;
    const same = play(look, { kind: 'composed', composed: clash }).state;
    expect(same.stopped).toBeDefined();
    const moved = { ...clash, upstream: { tip: 'repaired', conflict: undefined } };
    expect(play(look, { kind: 'composed', composed: moved }).state.stopped).toBeUndefined();

    const redTwice = play(
      inBranchMode,
      submitted(1),
      chosen(1),
      { kind: 'composed', composed: merge },
      red,
      red,
    ).state;
    expect(redTwice.stopped?.failure).toMatchObject({ type: 'BaseRed' });
  });
});

describe('a step that fails for good', () => {
  it('stops with that failure and tries again at the next look', () => {
    const failure = { type: 'PushRefused', what: 'w', evidence: 'e', next: 'n' } as const;
    const landing = play(empty, submitted(1), chosen(1), composed([1]), green, green).state;
    const { state } = play(landing, { kind: 'failed', failure });
    expect(state.stopped?.failure).toEqual(failure);
    expect(nextStep(state)).toEqual({ kind: 'wait', lookAgain: true });
    const after = play(state, { kind: 'lookAgain' }, composed([])).state;
    expect(nextStep(after).kind).toBe('chooseGroup');
  });
});
