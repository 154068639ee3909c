import { gitRef, parseBeadKey, trailer } from '../../workflows/domain/naming.ts';
import type { Land, Landing } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { readCommit } from '../git/commit.ts';
import { trailerOf } from '../git/trailers.ts';
import { type Bench, commitOf, isAncestor, isOid, type RefineryDeps } from './bench.ts';
import { greensOf } from './greens.ts';
import { tellsOf } from './override.ts';
import { push } from './push.ts';
import { readTips } from './tips.ts';

/**
 * Moves the target from `base` to `commit` by compare-and-swap, or finds in git that it has happened (G2, G5). Nothing is
 * ever merged here: what lands is the object that was tested.
 */
export const land = async (bench: Bench, deps: RefineryDeps, request: Land): Promise<Landing> => {
  const target = { ...request, upstream: undefined };
  for (let attempt = 1; attempt <= 5; attempt++) {
    const { target: tip } = await readTips(bench, target);
    // The town's copy was lost with the group in it: it has to be composed again.
    if ((await commitOf(bench, request.commit)) === undefined)
      return { outcome: 'stale', tip: tip ?? request.base };
    if (tip !== undefined && (await isAncestor(bench, request.commit, tip))) {
      await record(bench, request, tip);
      return { outcome: 'landed', commit: request.commit };
    }
    if (tip === undefined ? !(await mayCreate(bench, request)) : tip !== request.base) {
      return { outcome: 'stale', tip: tip ?? request.base };
    }
    await checkLandable(bench, deps, request);
    if (bench.rig.land.mode === 'local') {
      // The landing and its receipts are one transaction, and the old value is the fencing token.
      if (!(await recordLocal(bench, request, tip))) continue;
      countLanding(deps, request);
      return { outcome: 'landed', commit: request.commit };
    }
    const refused = await push(bench, request, tip);
    if (refused === undefined) {
      countLanding(deps, request);
      await record(bench, request, request.commit);
      return { outcome: 'landed', commit: request.commit };
    }
    // Whatever the push said, what the remote holds now decides; a refusal counts only where nothing moved.
    const { target: after } = await readTips(bench, target);
    if (after === tip) throw refused;
  }
  throw notSettled(bench, request);
};

/** Only where this very call has moved the target: who finds that it has happened counts nothing. */
const countLanding = ({ counts }: RefineryDeps, { rig, members, waitsMs = [] }: Land): void => {
  counts?.add('landings', { rig });
  const beads = members.filter(({ bead }) => parseBeadKey(bead) !== undefined).length;
  counts?.add('beadsLanded', { rig }, beads);
  for (const ms of waitsMs) counts?.observe('landingWaitSeconds', { rig }, ms / 1_000);
};

/**
 * G2 in this process's own words: a descendant of the old tip, as its first parent, whose very tree was green in a slot. What a
 * person overrides is the only other thing that lands, and its commit says so.
 */
const checkLandable = async (bench: Bench, deps: RefineryDeps, request: Land): Promise<void> => {
  const { commit, base, override } = request;
  const facts = await readCommit(bench.repo, commit, bench.signal);
  const { parents = [], tree = '', message = '' } = facts ?? {};
  const gates = trailerOf(message, trailer.gates) ?? '';
  if (parents[0] !== base) {
    throw refuse(bench, request, `its first parent is ${parents[0] ?? 'missing'}, not ${base}`);
  }
  if (override !== undefined) {
    if (tellsOf(message, override)) return;
    throw refuse(bench, request, `no trailer ${trailer.skipped} of its commit tells of the override`);
  }
  if (!/^[\w-]+$/.test(gates) || !(await greensOf(deps.home, bench.rig.name).has(gates, tree))) {
    throw refuse(bench, request, `no green run of gates ${gates} on tree ${tree} is recorded`);
  }
};

const refuse = (bench: Bench, request: Land, evidence: string): Error =>
  fail('PushRefused', {
    what: `The town will not land ${request.commit.slice(0, 12)} on ${request.target}: it is not what was tested on this tip.`,
    evidence: `${evidence}\nin ${bench.repo}`,
    next: 'The queue composes and tests the group again by itself.',
  });

/** A branch of the town's own that is still to be made begins at its upstream. */
const mayCreate = async (bench: Bench, request: Land): Promise<boolean> => {
  if (request.upstream === undefined) return false;
  const { upstream } = await readTips(bench, request);
  return upstream !== undefined && (await isAncestor(bench, request.base, upstream));
};

/** After a landing: what the town knows of it. Receipts are hints, ancestry is the truth (G4), so repeating is harmless. */
const record = async (bench: Bench, request: Land, tip: string): Promise<void> => {
  const isRemote = bench.rig.land.mode !== 'local';
  await transaction(bench, [
    `update ${gitRef.target(request.target)} ${tip}`,
    ...(isRemote ? [`update refs/remotes/origin/${request.target} ${tip}`] : []),
    ...(await receipts(bench, request)),
  ]);
};

/** False when somebody else moved the target. */
const recordLocal = async (bench: Bench, request: Land, tip: string | undefined): Promise<boolean> => {
  const old = tip ?? '0'.repeat(request.commit.length);
  try {
    await transaction(bench, [
      `update refs/heads/${request.target} ${request.commit} ${old}`,
      `update ${gitRef.target(request.target)} ${request.commit}`,
      ...(await receipts(bench, request)),
    ]);
    return true;
  } catch (error) {
    if (error instanceof Error && /but expected|already exists/.test(error.message)) return false;
    throw error;
  }
};

const receipts = async (bench: Bench, request: Land): Promise<readonly string[]> => {
  const lines = request.members.flatMap(({ bead, commit }) => {
    const ref = parseBeadKey(bead);
    return ref === undefined || !isOid(commit) ? [] : [`update ${gitRef.landed(ref)} ${commit}`];
  });
  const facts = await readCommit(bench.repo, request.commit, bench.signal);
  const group = trailerOf(facts?.message ?? '', trailer.group) ?? '';
  return /^[0-9a-f]+$/.test(group) ? [...lines, `delete ${gitRef.group(group)}`] : lines;
};

const transaction = async (bench: Bench, lines: readonly string[]): Promise<void> => {
  await bench.plumb(['update-ref', '--stdin'], {
    input: ['start', ...lines, 'prepare', 'commit', ''].join('\n'),
  });
};

const notSettled = (bench: Bench, request: Land): Error =>
  fail('GitFailed', {
    what: `The landing on ${request.target} could not be brought to an end.`,
    evidence: `${request.base} → ${request.commit}\nin ${bench.repo}`,
    next: 'The town looks again by itself.',
  });
