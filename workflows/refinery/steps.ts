/** What the merge queue has done by activities, one duty each; the answers are events of its book. */
import { upstreamRed } from '../domain/queue/queueFailures.ts';
import type { Group } from '../domain/queue/refineryState.ts';
import { type Submission, submissionKey } from '../domain/queue/submission.ts';
import { seenOf, wereLooked } from '../domain/refinery/book/arrivals.ts';
import type { Book, BookEvent, GreenRun } from '../domain/refinery/book/book.ts';
import type { LiveRun } from '../domain/refinery/screening/queue.ts';
import type { RefineryTarget, TestGroup } from '../ports.ts';
import type { landActivities, refineryActivities } from '../proxies.ts';

export interface Benches {
  readonly target: RefineryTarget;
  readonly bench: ReturnType<typeof refineryActivities>;
  readonly landing: ReturnType<typeof landActivities>;
}

/** More submissions are looked at in another round: an activity's input has a longest length. */
const mostLooked = 200;

/** Looks at the target and at what the planner has not heard of. */
export const examined = async ({ bench, target }: Benches, book: Book): Promise<BookEvent> => {
  const members = book.entries.filter(({ look }) => look !== undefined).slice(0, mostLooked);
  const beside = book.entries
    .filter(({ look, conflict }) => look === undefined && conflict === undefined)
    .map(({ submission }) => ({
      key: submissionKey(submission),
      head: submission.head,
      base: submission.base,
    }));
  const summary = members.length === 0 ? 'look at the target' : `look at ${members.length}`;
  const found = await bench.examine.executeWithOptions({ summary }, [
    { ...target, members: members.map(({ submission }) => submission), beside },
  ]);
  return { kind: 'looked', ...found };
};

/** The test of one run: its members on the target as it is now. */
export const testOf = (
  target: RefineryTarget,
  book: Book,
  run: LiveRun,
): { readonly summary: string; readonly request: TestGroup } => {
  const members = submissionsOf(book, run.members);
  const [alone] = run.members;
  const reds = book.entries.find(({ id }) => id === alone)?.reds?.length ?? 0;
  const repeats = run.purpose === 'base' ? book.queue.base.failures : run.members.length === 1 ? reds : 0;
  return {
    summary:
      `${run.purpose} ${run.id}: ${members.length === 0 ? 'the target itself' : members.map(({ bead }) => bead).join(' ')}`.slice(
        0,
        200,
      ),
    request: {
      ...target,
      base: book.tip?.commit ?? '',
      members,
      run: repeats + 1,
      looked: wereLooked(book, run.members),
    },
  };
};

const submissionsOf = ({ entries }: Book, ids: readonly number[]): readonly Submission[] => {
  const byId = new Map(entries.map(({ id, submission }) => [id, submission]));
  return ids.flatMap((id) => byId.get(id) ?? []);
};

/** Lands what a run has tested: its commit where the target is as it was, else the same tree on the target of now. */
export const landRun = async (benches: Benches, book: Book, planned: number): Promise<BookEvent> => {
  const green = book.greens.find((one) => one.run === planned);
  const group = green === undefined ? undefined : await onTip(benches, book, green);
  if (group === undefined) return { kind: 'stale' };
  const { run, base, commit, tree, gateHash, members } = group;
  const summary = `land ${members.length}`;
  const landed = await benches.landing.land.executeWithOptions({ summary }, [
    { ...benches.target, base, commit, members, waitsMs: waitsOf(book, members) },
  ]);
  return landed.outcome === 'stale'
    ? { kind: 'stale' }
    : { kind: 'landed', run, tip: { commit, tree, gateHash }, members };
};

const waitsOf = ({ entries }: Book, members: GreenRun['members']): readonly number[] => {
  const keys = new Set(members.map(submissionKey));
  const now = Date.now();
  return entries.flatMap(({ submission, since }) =>
    keys.has(submissionKey(submission)) ? [now - since] : [],
  );
};

/** A part of what a run holds may have landed by another: the rest is the same content, one step from the target again (I1). */
const onTip = async (
  { bench, target }: Benches,
  { tip, entries }: Book,
  green: GreenRun,
): Promise<GreenRun | undefined> => {
  if (tip === undefined) return;
  if (green.base === tip.commit) return green;
  const keys = new Set(green.members.map(submissionKey));
  const rest = entries.flatMap(({ submission }) => (keys.has(submissionKey(submission)) ? [submission] : []));
  const composed = await bench.composeGroup.executeWithOptions({ summary: `compose ${rest.length} again` }, [
    { ...target, members: rest },
  ]);
  const { base, commit, tree, gateHash, members } = composed;
  const isSame = base === tip.commit && members.length === rest.length && gateHash === green.gateHash;
  if (!isSame || commit === undefined || tree === undefined || tree !== green.tree) return;
  return { run: green.run, base, commit, tree, gateHash, members };
};

/** The merge of the person's branch is a group without members; red twice it stops the queue. */
export const mergeUpstream = async ({ bench, landing, target }: Benches, book: Book): Promise<BookEvent> => {
  const { merge } = book;
  if (merge === undefined) return { kind: 'look' };
  const { tip, base, commit, tree, gateHash } = merge;
  const group: Group = { base, baseTree: '', gateHash, commit, tree, members: [], upstream: tip };
  for (let run = 1; ; run++) {
    const summary = `test the merge of ${target.upstream ?? ''}, run ${run}`;
    const report = await bench.testCommit.executeWithOptions({ summary }, [
      { ...target, commit, tree, gateHash, run },
    ]);
    if (report.verdict === 'green') break;
    if (run < 2) continue;
    const seen = seenOf({ tip: { commit: base, tree: '', gateHash }, upstream: { tip } });
    return { kind: 'failed', failure: upstreamRed(book, group, report), seen };
  }
  const landed = await landing.land.executeWithOptions({ summary: 'land the merge' }, [
    { ...target, base, commit, members: [] },
  ]);
  return landed.outcome === 'stale' ? { kind: 'stale' } : { kind: 'merged', tip: { commit, tree, gateHash } };
};
