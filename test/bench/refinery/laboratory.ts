/** A merge queue in virtual time: main, slots and tests, whoever decides. It holds every policy to the rules. */
import { evenly, hash, normally } from './chance.ts';
import { breaksBuild, overlap, type World, type WorldBranch } from './world.ts';

export interface LabStart {
  readonly members: readonly number[];
  readonly purpose?: string;
  /** Whatever the policy wants to find again. */
  readonly key?: string;
  readonly head?: number;
  readonly landedAtStart?: ReadonlySet<number>;
}

export interface LabRun extends LabStart {
  readonly id: number;
  readonly set: ReadonlySet<number>;
  readonly startedAt: number;
  readonly endsAt: number;
  readonly passes: boolean;
  /** Tests that fail; none of a run whose build is broken. */
  readonly failing: readonly number[];
  /** Members that have not landed. */
  left: number;
  /** Something landed since it started that it does not contain. */
  stale: boolean;
}

/** What a policy wants now. After a landing or a rejection it is asked again. */
export interface Choice {
  readonly land?: LabRun | undefined;
  readonly reject?: readonly number[];
  readonly cancel?: readonly LabRun[];
  readonly start?: readonly LabStart[];
}

export interface Policy {
  readonly name: string;
  /** Lands on the word of footprints, without a test of the very commit: granted to those that are built on it. */
  readonly laneRule?: boolean;
  arrived?(id: number, lab: Lab): void;
  ended?(run: LabRun, lab: Lab): void;
  landed?(members: readonly number[], run: LabRun, lab: Lab): void;
  /** Branches that were sent back, or that no longer merge with main. */
  left?(members: readonly number[], lab: Lab): void;
  plan(lab: Lab): Choice;
}

export interface Lab {
  readonly world: World;
  readonly slots: number;
  readonly laneRule: boolean;
  now: number;
  /** Branches that wait, in order of arrival. */
  queue: number[];
  readonly waits: Uint8Array;
  /** When each landed; `Infinity` before. */
  readonly landedAt: Float64Array;
  readonly landed: number[];
  readonly gone: Set<number>;
  readonly running: Set<LabRun>;
  passed: LabRun[];
  /** Failed runs of each branch alone. */
  readonly loneFailures: Uint8Array;
  /** What main contains. */
  main: number;
  readonly figures: Figures;
}

export interface Figures {
  tests: number;
  cancelled: number;
  red: number;
  falseRejections: number;
  busy: number;
  /** CPU time of each plan, ms. */
  readonly planMs: number[];
}

export interface LabOptions {
  readonly slots: number;
  /** Nothing later is looked at. */
  readonly until?: number;
  /** Called with the time passed, before each plan. */
  readonly see?: (lab: Lab, passed: number) => void;
}

/** Runs a policy in a world until nothing waits, and returns the laboratory as it is then. */
export const runLab = (world: World, policy: Policy, options: LabOptions): Lab => {
  const lab = emptyLab(world, options.slots, policy.laneRule ?? false);
  const attempts = new Map<number, number>();
  let arrived = 0;
  let ids = 0;

  const nextInstant = (): number => {
    let at = world.branches[arrived]?.arrivesAt ?? Infinity;
    for (const run of lab.running) at = Math.min(at, run.endsAt);
    return at;
  };
  const arrive = (): void => {
    for (; (world.branches[arrived]?.arrivesAt ?? Infinity) <= lab.now; arrived++) {
      lab.waits[arrived] = 1;
      lab.queue.push(arrived);
      policy.arrived?.(arrived, lab);
    }
  };
  const endRuns = (): void => {
    const ended = [...lab.running].filter(({ endsAt }) => endsAt <= lab.now).sort((a, b) => a.id - b.id);
    for (const run of ended) {
      lab.running.delete(run);
      lab.figures.busy += run.endsAt - run.startedAt;
      const [first = -1] = run.members;
      if (run.members.length === 1 && !run.passes && lab.waits[first]) {
        lab.loneFailures[first] = (lab.loneFailures[first] ?? 0) + 1;
      }
      const whole = run.members.every((id) => !lab.gone.has(id));
      if (run.passes && whole && run.left > 0 && (!run.stale || lab.laneRule)) lab.passed.push(run);
    }
    for (const run of ended) policy.ended?.(run, lab);
  };
  const start = (wanted: LabStart): void => {
    if (lab.running.size >= lab.slots) throw new Error(`${policy.name}: more tests than slots`);
    if (wanted.members.some((id) => !lab.waits[id]))
      throw new Error(`${policy.name}: tests one that is gone`);
    const content = wanted.members.reduce((sum, id) => sum ^ branchOf(world, id).key, lab.main);
    const attempt = attempts.get(content) ?? 0;
    attempts.set(content, attempt + 1);
    lab.running.add(runOf(lab, wanted, { id: ids++, content, attempt }));
    lab.figures.tests++;
  };
  const cancel = (run: LabRun): void => {
    if (!lab.running.delete(run)) return;
    lab.figures.cancelled++;
    lab.figures.busy += lab.now - run.startedAt;
  };
  const settle = (): void => {
    for (let round = 0; ; round++) {
      if (round > 5_000) throw new Error(`${policy.name}: plans without end at ${lab.now}`);
      dropConflicting(lab, policy);
      const began = process.cpuUsage().user;
      const choice = policy.plan(lab);
      lab.figures.planMs.push((process.cpuUsage().user - began) / 1_000);
      for (const run of choice.cancel ?? []) cancel(run);
      for (const id of choice.reject ?? []) reject(lab, policy, id);
      if (choice.land !== undefined) {
        const members = land(lab, policy, choice.land);
        policy.landed?.(members, choice.land, lab);
        continue;
      }
      if ((choice.reject ?? []).length > 0) continue;
      for (const wanted of choice.start ?? []) start(wanted);
      return;
    }
  };

  for (;;) {
    const at = nextInstant();
    if (at === Infinity || at > (options.until ?? Infinity)) break;
    const passed = at - lab.now;
    lab.now = at;
    arrive();
    endRuns();
    options.see?.(lab, passed);
    settle();
    if (arrived < world.branches.length) continue;
    if (lab.queue.length === 0) break;
    if (lab.running.size === 0) break;
  }
  return lab;
};

export const branchOf = ({ branches }: World, id: number): WorldBranch => branches[id] as WorldBranch;

/** Whether a branch merges neither with one of the set nor with what landed while it waited. */
export const merges = (lab: Lab, id: number, set: ReadonlySet<number>): boolean => {
  const { conflicts, arrivesAt } = branchOf(lab.world, id);
  return conflicts.every((other) => !set.has(other) && !landedSince(lab, other, arrivesAt));
};

/** The longest list that merges, greedily from the front. */
export const mergeable = (lab: Lab, list: readonly number[], most = Infinity): readonly number[] => {
  const set = new Set<number>();
  for (const id of list) {
    if (set.size >= most) break;
    if (merges(lab, id, set)) set.add(id);
  }
  return [...set];
};

export const overlaps = ({ world }: Lab, a: number, b: number): boolean =>
  overlap(branchOf(world, a), branchOf(world, b));

const landedSince = (lab: Lab, id: number, at: number): boolean => {
  const landedAt = lab.landedAt[id] ?? Infinity;
  return landedAt <= lab.now && landedAt >= at;
};

/** The tests that fail on main with these on top. What landed before a branch arrived is what it was made on. */
const brokenTests = (lab: Lab, members: readonly number[], set: ReadonlySet<number>): number[] =>
  members.flatMap((id) => {
    const { bad, breaks, quarrels, arrivesAt } = branchOf(lab.world, id);
    const broken = quarrels
      .filter(({ other }) => (set.has(other) && id < other) || landedSince(lab, other, arrivesAt))
      .map((quarrel) => quarrel.breaks);
    return bad ? [breaks, ...broken] : broken;
  });

const runOf = (lab: Lab, wanted: LabStart, of: { id: number; content: number; attempt: number }): LabRun => {
  const { seed, flakeRate, sigma, tests } = lab.world;
  const { id, content, attempt } = of;
  const set = new Set(wanted.members);
  const broken = brokenTests(lab, wanted.members, set);
  if (flakeRate > 0 && evenly(seed, content, attempt, 31) < flakeRate) {
    broken.push(hash(seed, content, attempt, 32) % tests);
  }
  const takes = sigma > 0 ? Math.exp(sigma * normally(seed, content, attempt, 33) - (sigma * sigma) / 2) : 1;
  return {
    ...{ ...wanted, id, set, startedAt: lab.now, endsAt: lab.now + takes, left: set.size, stale: false },
    passes: broken.length === 0,
    failing: broken.includes(breaksBuild) ? [] : [...new Set(broken)],
  };
};

const land = (lab: Lab, policy: Policy, run: LabRun): readonly number[] => {
  const members = run.members.filter((id) => lab.waits[id]);
  if (!run.passes || run.endsAt > lab.now + 1e-9) throw new Error(`${policy.name}: lands what did not pass`);
  if (run.stale && !lab.laneRule)
    throw new Error(`${policy.name}: lands a commit that is not the tested one`);
  if (run.members.some((id) => lab.gone.has(id))) throw new Error(`${policy.name}: lands one that is gone`);
  const landing = new Set(members);
  if (brokenTests(lab, members, landing).length > 0) lab.figures.red++;
  for (const id of members) {
    lab.landedAt[id] = lab.now;
    lab.waits[id] = 0;
    lab.landed.push(id);
    lab.main ^= branchOf(lab.world, id).key;
  }
  lab.queue = lab.queue.filter((id) => !landing.has(id));
  for (const other of [...lab.running, ...lab.passed]) {
    for (const id of members) {
      if (other.set.has(id)) other.left--;
      else other.stale = true;
    }
  }
  lab.passed = lab.passed.filter(
    (other) => other !== run && other.left > 0 && (lab.laneRule || !other.stale),
  );
  return members;
};

const reject = (lab: Lab, policy: Policy, id: number): void => {
  if ((lab.loneFailures[id] ?? 0) < 2)
    throw new Error(`${policy.name}: sends back without two lone failures`);
  const { bad, quarrels, arrivesAt } = branchOf(lab.world, id);
  if (!bad && !quarrels.some(({ other }) => landedSince(lab, other, arrivesAt)))
    lab.figures.falseRejections++;
  drop(lab, id);
  policy.left?.([id], lab);
};

const drop = (lab: Lab, id: number): void => {
  lab.waits[id] = 0;
  lab.gone.add(id);
  lab.queue = lab.queue.filter((other) => other !== id);
  lab.passed = lab.passed.filter(({ set }) => !set.has(id));
};

/** What no longer merges with main goes back without a test. */
const dropConflicting = (lab: Lab, policy: Policy): void => {
  const nobody = new Set<number>();
  const dropped = lab.queue.filter((id) => !merges(lab, id, nobody));
  for (const id of dropped) drop(lab, id);
  if (dropped.length > 0) policy.left?.(dropped, lab);
};

const emptyLab = (world: World, slots: number, laneRule: boolean): Lab => ({
  ...{ world, slots, laneRule, now: 0, queue: [], landed: [], main: 0, passed: [] },
  waits: new Uint8Array(world.branches.length),
  landedAt: new Float64Array(world.branches.length).fill(Infinity),
  gone: new Set(),
  running: new Set(),
  loneFailures: new Uint8Array(world.branches.length),
  figures: { tests: 0, cancelled: 0, red: 0, falseRejections: 0, busy: 0, planMs: [] },
});
