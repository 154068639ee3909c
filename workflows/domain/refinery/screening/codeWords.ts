/** Where runs name their failing tests: random halves, whose failures spell who breaks what. */
import { accusationsOf } from './accusation.ts';
import { unmet } from './attribution.ts';
import { buildsOf, startBuildSplits } from './builds.ts';
import { startCut } from './confirm.ts';
import { evenly } from './dice.ts';
import { startLone } from './lone.ts';
import { mergeable, pack } from './pack.ts';
import type { Conviction } from './queue.ts';
import { leastBits } from './screen.ts';
import { freeSlots, massOf, riskOf, type Sight } from './sight.ts';

/** A branch that a run has told of, without anything against it, is bad with this chance; after several runs with the other. */
const seenRisk = { once: 5e-4, often: 5e-5 } as const;
const often = 3;
/** Above this a branch is decided on. */
const convictAt = 0.9;
const undecidedAbove = 6e-4;
const openAbove = 0.01;
/** Confirms hold what is less likely bad than this, up to a mass in all. */
const confirmed = { risk: 0.02, mass: 0.12, massQuarrelling: 0.42, most: 3, growth: 0.3 } as const;
/** Groups of good branches that quarrel say little beyond this mass. */
const heaviestScreen = 2.5;
/** The expected builds that a screen breaks: it would name no test. */
const heaviestUnbuilt = 0.5;
/** Optimistic unions by the risk of their members, in idle slots. */
const unions = [0.5, 0.25, 0.1] as const;
const unionMass = 1.5;
/** A convict waits at most so many usual runs for a lone run. */
const longestWait = 3;

/** Fills the free slots. Returns who is convicted by the tests that failed. */
export const startByTests = (sight: Sight): readonly Conviction[] => {
  const { state, convicts } = sight;
  const { chance, accounts } = accusationsOf(sight);
  for (const [id, likely] of chance) if (likely > convictAt) convicts.set(id, state.now);
  const builds = buildsOf(sight);
  const risks = new Map(
    state.waiting.map(({ id }) => [
      id,
      riskByTests(sight, id, Math.max(chance.get(id) ?? 0, builds.chance.get(id) ?? 0)),
    ]),
  );
  const risk = (id: number): number => risks.get(id) ?? 0;
  const waiting = state.waiting.map(({ id }) => id).filter((id) => !convicts.has(id));
  startLone(sight, state.now - longestWait * state.policy.usualRun, Math.max(1, state.slots >> 1), 2);
  startConfirm(sight, waiting, risk);
  startBuildSplits(sight, builds, leastBits.first);
  startHalves(sight, waiting, risk, builds.mass);
  startLone(sight, state.now, Infinity, 2);
  startUnions(sight, waiting, risk);
  startBuildSplits(sight, builds, leastBits.leftOver);
  return accounts;
};

const riskByTests = (sight: Sight, id: number, accused: number): number => {
  const one = sight.byId.get(id);
  if (one === undefined || one.clean) return 0;
  const seen = one.seen ?? 0;
  const quiet = seen >= often && sight.quarrelRate === 0 ? seenRisk.often : seenRisk.once;
  return Math.max(seen > 0 ? quiet : riskOf(sight, id), accused);
};

const bySafety =
  (risk: (id: number) => number) =>
  (a: number, b: number): number =>
    risk(a) - risk(b) || a - b;

const massBy = (risk: (id: number) => number) => (id: number) => massOf(Math.min(0.99, risk(id)));

const startConfirm = (sight: Sight, waiting: readonly number[], risk: (id: number) => number): void => {
  const { state, byId, convicts } = sight;
  if (freeSlots(sight) <= 0) return;
  if (startCut(sight)) return;
  const safe = withoutFailed(
    sight,
    waiting
      .filter((id) => risk(id) <= confirmed.risk && (byId.get(id)?.heldAt ?? -1) < state.landings)
      .sort(bySafety(risk)),
  );
  const running = sight.runs.filter(({ purpose, stale }) => purpose === 'confirm' && !stale);
  if (safe.length === 0 || running.length >= Math.max(1, Math.min(confirmed.most, state.slots >> 2))) return;
  const mass = sight.quarrelRate > 0 ? confirmed.massQuarrelling : confirmed.mass;
  const { members } = pack(sight, safe, { mass, massOf: massBy(risk) });
  const top = running
    .map((run) => run.members.filter((id) => byId.has(id)))
    .reduce<readonly number[]>((most, run) => (run.length > most.length ? run : most), []);
  const inside = new Set(top);
  const added = mergeable(sight, members, top);
  const grown = members.filter((id) => !inside.has(id)).length;
  if (grown === 0 || grown < confirmed.growth * top.length || added.length === 0) return;
  sight.start.push({ members: [...top.filter((id) => !convicts.has(id)), ...added], purpose: 'confirm' });
};

/** What failed once as a whole fails again: of each such set the less safe half is left out. */
const withoutFailed = (sight: Sight, safe: readonly number[]): readonly number[] => {
  let left = safe;
  for (const set of unmet(sight)) {
    const inside = new Set(left);
    if (set.length === 0 || set.some((id) => !inside.has(id))) continue;
    const held = new Set(left.filter((id) => set.includes(id)).slice(set.length >> 1));
    left = left.filter((id) => !held.has(id));
  }
  return left;
};

const startHalves = (
  sight: Sight,
  waiting: readonly number[],
  risk: (id: number) => number,
  unbuilt: (id: number) => number,
): void => {
  const { state, byId } = sight;
  const undecided = waiting.filter((id) => risk(id) > undecidedAbove);
  const seen = (id: number): boolean => (byId.get(id)?.seen ?? 0) > 0;
  const open = undecided.filter((id) => !seen(id) || risk(id) > openAbove);
  const running = new Map<number, number>();
  const count = (members: readonly number[]): void => {
    for (const id of members) running.set(id, (running.get(id) ?? 0) + 1);
  };
  for (const { purpose, members } of sight.runs) if (purpose === 'screen') count(members);
  const atFirst = Math.max(2, Math.min(8, Math.ceil(Math.log2(2 + undecided.length * 0.25))));
  for (let round = 0; round < state.slots && freeSlots(sight) > 0; round++) {
    const wanted = open.filter((id) => (running.get(id) ?? 0) < (seen(id) ? 2 : atFirst));
    if (wanted.length === 0) return;
    const dice = state.nextRun + sight.start.length;
    const all = (wanted.length === 1 && seen(wanted[0] ?? -1)) || (state.slots < 4 && !wanted.some(seen));
    const half = all ? wanted : wanted.filter((id) => evenly(dice, id) < 0.5);
    const chosen = half.length === 0 ? wanted.slice(0, 1) : half;
    const shuffled = chosen.toSorted((a, b) => evenly(dice, a, 3) - evenly(dice, b, 3));
    const building = pack(sight, shuffled, { mass: heaviestUnbuilt, massOf: unbuilt }).members;
    const members =
      sight.quarrelRate > 0
        ? pack(sight, building, { mass: heaviestScreen, massOf: massBy(risk) }).members
        : building;
    count(members);
    const first = members.filter((id) => byId.get(id)?.builds !== true).length;
    sight.start.push({ members, purpose: 'screen', ...(first > 0 ? { first } : {}) });
  }
};

const startUnions = (sight: Sight, waiting: readonly number[], risk: (id: number) => number): void => {
  const known = new Set([...sight.runs, ...sight.start].map(({ members }) => keyOf(sight, members)));
  for (const most of unions) {
    if (freeSlots(sight) <= 0) return;
    const likely = waiting.filter((id) => risk(id) <= most).sort(bySafety(risk));
    const { members } = pack(sight, likely, { mass: unionMass, massOf: massBy(risk) });
    const key = keyOf(sight, members);
    if (members.length === 0 || known.has(key)) continue;
    known.add(key);
    sight.start.push({ members, purpose: 'union' });
  }
};

const keyOf = ({ byId }: Sight, members: readonly number[]): string =>
  members
    .filter((id) => byId.has(id))
    .toSorted((a, b) => a - b)
    .join();
