import { emptyQueue, fold } from '../../../../../workflows/domain/refinery/screening/fold.ts';
import { plan } from '../../../../../workflows/domain/refinery/screening/plan.ts';
import type {
  Decision,
  LiveRun,
  Outcome,
  QueueEvent,
  QueueState,
} from '../../../../../workflows/domain/refinery/screening/queue.ts';

/** What a random world does to a queue. Probabilities from 0 to 1. */
export interface Shape {
  readonly seed: number;
  readonly branches: number;
  readonly slots: number;
  readonly bad: number;
  readonly quarrels: number;
  readonly conflicts: number;
  readonly flakes: number;
  readonly breakdowns: number;
  readonly outsiders: number;
  readonly withdrawals: number;
  readonly unbuilt: number;
  readonly namesTests: boolean;
  readonly urgent: number;
  readonly unknownFootprints: number;
}

/** What happened, for the properties to judge. */
export interface Record {
  readonly landed: readonly number[];
  readonly sentBack: readonly number[];
  readonly good: ReadonlySet<number>;
  readonly left: readonly number[];
  readonly events: number;
  readonly violations: readonly string[];
}

const rolls = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

interface Test {
  readonly members: readonly number[];
  /** What main contained when it started, in order. */
  readonly base: readonly string[];
  outcome: Outcome['kind'] | 'running';
}

/** Runs the production planner against a random world until nothing waits, or `most` events happened. */
export const runWorld = (shape: Shape, most = 4_000): Record => {
  const roll = rolls(shape.seed);
  const happens = (chance: number): boolean => roll() < chance;
  const some = (below: number): number => Math.floor(roll() * below);
  const violations: string[] = [];
  const bad = new Set<number>();
  const unbuilt = new Set<number>();
  const quarrels: (readonly [number, number])[] = [];
  const conflicts = new Map<number, number[]>();
  let main: string[] = [];
  const landed: number[] = [];
  const sentBack: number[] = [];
  const tests = new Map<number, Test>();
  let outsiders = 0;
  let events = 0;
  let state: QueueState = emptyQueue(shape.slots, {
    namesTests: shape.namesTests,
    quarrelRate: shape.quarrels,
  });

  const hear = (event: QueueEvent): void => {
    // Now and then, since it costs more than the folding.
    const before = events % 11 === 0 ? JSON.stringify(state) : undefined;
    const next = fold(state, event);
    if (before !== undefined && JSON.stringify(state) !== before)
      violations.push(`folding ${event.kind} changed the old state`);
    state = next;
    events++;
  };
  const isBroken = (members: readonly number[]): boolean => {
    const all = new Set([...landed, ...members]);
    return members.some((id) => bad.has(id)) || quarrels.some(([a, b]) => all.has(a) && all.has(b));
  };
  const outcomeOf = ({ members }: Test): Outcome => {
    if (happens(shape.breakdowns)) return { kind: 'broken' };
    if (!isBroken(members) && !happens(shape.flakes)) return { kind: 'passed' };
    const isUnbuilt = members.some((id) => unbuilt.has(id));
    const culprits = members.filter((id) => bad.has(id));
    return {
      kind: 'failed',
      tests: isUnbuilt ? [] : culprits.map((id) => ({ name: `test ${id % 7}`, area: id % 5 })),
    };
  };
  const arrive = (id: number): void => {
    if (happens(shape.bad)) {
      bad.add(id);
      if (happens(shape.unbuilt)) unbuilt.add(id);
    }
    const against = Array.from({ length: id }, (_, other) => other).filter(
      (other) => state.waiting.some((one) => one.id === other) && happens(shape.conflicts),
    );
    for (const other of against) conflicts.set(other, [...(conflicts.get(other) ?? []), id]);
    conflicts.set(id, against);
    for (let other = 0; other < id; other++) {
      if (!against.includes(other) && happens(shape.quarrels)) quarrels.push([other, id]);
    }
    hear({
      kind: 'arrived',
      at: state.now,
      branch: {
        ...{ id, arrivedAt: state.now, conflicts: against, priority: some(3) },
        ...(happens(shape.unknownFootprints) ? {} : { footprint: [id % 5, some(5)] }),
        ...(happens(shape.urgent) ? { hotfix: true } : {}),
      },
    });
  };
  const leave = (branches: readonly number[]): void => {
    if (branches.length > 0) hear({ kind: 'left', at: state.now, branches });
  };

  const checkStarts = ({ start, cancel }: Decision): void => {
    const waiting = new Set(state.waiting.map(({ id }) => id));
    if (state.running.length - cancel.length + start.length > shape.slots)
      violations.push('more runs than slots');
    for (const { members, purpose } of start) {
      const set = new Set(members);
      if (set.size !== members.length) violations.push('a branch twice in one run');
      if (members.length === 0 && purpose !== 'base') violations.push('a run of nobody');
      if (members.some((id) => !waiting.has(id))) violations.push('a run of somebody who is gone');
      if (members.some((id) => conflicts.get(id)?.some((other) => set.has(other)))) {
        violations.push('a run of branches that do not merge');
      }
    }
  };
  const land = (id: number): void => {
    const run = state.passed.find((one: LiveRun) => one.id === id);
    const test = tests.get(id);
    if (run === undefined || test?.outcome !== 'passed') violations.push('I1: lands what did not pass');
    if (test === undefined) return;
    const waiting = new Set(state.waiting.map((one) => one.id));
    const rest = test.members.filter((one) => waiting.has(one));
    const tested = [...test.base, ...test.members.map(String)].toSorted();
    const lands = [...main, ...rest.map(String)].toSorted();
    if (tested.join() !== lands.join()) violations.push('I1: lands what is not the tested content');
    if (shape.flakes === 0 && isBroken(rest)) violations.push('I2: main is red');
    main = [...main, ...rest.map(String)];
    landed.push(...rest);
    hear({ kind: 'landed', at: state.now, run: id });
    leave(
      state.waiting
        .filter((one) => conflicts.get(one.id)?.some((other) => landed.includes(other)))
        .map(({ id: one }) => one),
    );
  };
  const sendBack = ({ branch, runs }: Decision['reject'][number]): void => {
    const evidence = runs.map((run) => tests.get(run));
    const isLone = evidence.every(
      (test) => test?.outcome === 'failed' && test.members.length === 1 && test.members[0] === branch,
    );
    if (new Set(runs).size < 2 || !isLone) violations.push('I4: sent back without two lone failures');
    if (state.base.doubted) violations.push('I5: sent back while main is in doubt');
    sentBack.push(branch);
  };
  const settle = (): void => {
    for (let round = 0; ; round++) {
      if (round > 500) {
        violations.push('plans without end');
        return;
      }
      const decision = plan(state);
      const copy = events % 7 === 0 ? (JSON.parse(JSON.stringify(state)) as QueueState) : undefined;
      const again = copy === undefined ? decision : plan(copy);
      if (JSON.stringify(decision) !== JSON.stringify(again))
        violations.push('the same state is planned differently');
      checkStarts(decision);
      const next = state.nextRun;
      decision.start.forEach(({ members }, index) =>
        tests.set(next + index, { members, base: main, outcome: 'running' }),
      );
      hear({ kind: 'decided', at: state.now, decision });
      for (const one of decision.reject) sendBack(one);
      leave(decision.reject.map(({ branch }) => branch));
      if (decision.land !== undefined) land(decision.land);
      else if (decision.reject.length === 0) return;
    }
  };

  let arrived = 0;
  while (events < most) {
    while (arrived < shape.branches && (arrived < shape.slots || happens(0.5))) arrive(arrived++);
    if (happens(shape.outsiders) && outsiders < 3) {
      main = [...main, `outsider ${outsiders++}`];
      hear({ kind: 'moved', at: state.now, footprint: [some(5)] });
    }
    const [first] = state.waiting;
    if (first !== undefined && happens(shape.withdrawals)) leave([first.id]);
    settle();
    if (arrived === shape.branches && state.waiting.length === 0) break;
    const run = state.running[some(state.running.length)];
    if (run === undefined) {
      if (arrived === shape.branches) violations.push('rests while something waits');
      continue;
    }
    const test = tests.get(run.id);
    if (test === undefined) break;
    const outcome = outcomeOf(test);
    test.outcome = outcome.kind;
    hear({ kind: 'ended', at: state.now + roll(), run: run.id, outcome });
  }
  const good = new Set(Array.from({ length: arrived }, (_, id) => id).filter((id) => !bad.has(id)));
  return { landed, sentBack, good, left: state.waiting.map(({ id }) => id), events, violations };
};
