import { opened } from './closed.ts';
import { learnQuarrels } from './learned.ts';
import { nearOf, quarrelRisk } from './overlap.ts';
import type { LandedBranch, LiveRun, QueueEvent, QueueState, Waiting } from './queue.ts';

/** The risk of a branch after a failed confirm in which it stood before the first failure. */
const riskInCut = 0.02;
/** A segment longer than this says too little. */
const longestSegment = 40;

/** The commit of a run is main now: its members are done, other runs that contain them are a step nearer. */
export const afterLanding = (state: QueueState, id: number): QueueState => {
  const run = state.passed.find((one) => one.id === id);
  if (run === undefined) return state;
  const members = new Set(run.members);
  const landing = state.landings + 1;
  const landed = state.waiting
    .filter((one) => members.has(one.id))
    .map((one): LandedBranch => ({ id: one.id, landing, footprint: one.footprint }));
  const rest = state.waiting.filter((one) => !members.has(one.id));
  const gone = state.waiting.filter((one) => members.has(one.id));
  const learned = learnQuarrels(state.learned, gone, false);
  // What lands was tested as a whole, so main is green with it.
  const next = moved({ ...state, base: opened(state.base), learned, waiting: rest }, landed);
  return afterCut(state, { ...next, passed: next.passed.filter((one) => one.id !== id) }, run);
};

/** Main was moved without a run of ours: none stands on it any more, and it may be that nobody has tested it. */
export const afterMove = (
  state: QueueState,
  { footprint, tested = false, closes }: Omit<Extract<QueueEvent, { kind: 'moved' }>, 'kind' | 'at'>,
): QueueState => ({
  ...moved(state, [{ id: -1, landing: state.landings + 1, footprint }]),
  cut: undefined,
  base: {
    ...{ doubted: !tested, failures: 0 },
    ...(!tested && (closes ?? state.base.closed) === true ? { closed: true } : {}),
  },
});

const moved = (state: QueueState, landed: readonly LandedBranch[]): QueueState => {
  const ids = landed.map(({ id }) => id);
  const running = state.running.map((run) => onto(run, ids));
  const oldest = Math.min(state.landings + 1, ...running.map(({ landings }) => landings));
  return {
    ...state,
    running,
    passed: state.passed
      .map((run) => onto(run, ids))
      .filter((run) => !run.stale && run.landed.length < run.members.length),
    waiting: state.waiting.map((one) => doubted(state, one, landed)),
    landed: [...state.landed.filter(({ landing }) => landing > oldest), ...landed],
    landings: state.landings + 1,
  };
};

const onto = (run: LiveRun, landed: readonly number[]): LiveRun => {
  const inside = new Set(run.members);
  return {
    ...run,
    stale: run.stale || landed.some((id) => !inside.has(id)),
    landed: [...run.landed, ...landed.filter((id) => inside.has(id))],
  };
};

/** What landed may quarrel with one that was thought good, or that runs had told of. */
const doubted = (state: QueueState, known: Waiting, landed: readonly LandedBranch[]): Waiting => {
  if (!known.clean && known.seen === undefined) return known;
  const near = known.clean ? nearOf(known, landed) : 0;
  const one = near === 0 ? known : { ...known, overtakenBy: (known.overtakenBy ?? 0) + near };
  const risk = quarrelRisk(state, one, landed);
  if (risk === 0) return one;
  const { seen, ...rest } = one;
  const before = one.clean || one.since === undefined ? 0 : (one.risk ?? 0);
  return { ...rest, clean: false, risk: 1 - (1 - before) * (1 - risk), since: state.landings + 1 };
};

/** Progress inside a failed confirm: the culprit is in the segment that follows what landed. */
const afterCut = ({ cut }: QueueState, state: QueueState, run: LiveRun): QueueState => {
  if (cut === undefined) return state;
  const waits = new Set(state.waiting.map(({ id }) => id));
  const segment = cut.members.slice(0, cut.shortest ?? 0).filter((id) => waits.has(id));
  const next = { ...state, cut: undefined };
  if (run.purpose !== 'cut' || segment.length === 0 || segment.length > longestSegment) return next;
  const suspects = new Set(segment);
  return {
    ...next,
    suspicions: [...state.suspicions, { members: segment }],
    waiting: state.waiting.map((one) =>
      suspects.has(one.id) ? { ...one, clean: false, risk: one.risk ?? riskInCut } : one,
    ),
  };
};
