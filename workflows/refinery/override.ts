import type { Book, BookEvent } from '../domain/refinery/book/book.ts';
import type { Benches } from './steps.ts';

/** Lands one branch without a test, as a person said; the answer is an event of the book. */
export const landUntested = async (
  { bench, landing, target }: Benches,
  book: Book,
  id: number,
): Promise<BookEvent> => {
  const entry = book.entries.find((one) => one.id === id);
  const { direct } = entry?.submission ?? {};
  if (entry === undefined || direct?.untested === undefined) return { kind: 'stale' };
  const { submission, since } = entry;
  const override = { by: direct.by, reason: direct.untested };
  const summary = `compose ${submission.bead} without a test`.slice(0, 200);
  const composed = await bench.composeUntested.executeWithOptions({ summary }, [
    { ...target, member: submission, override },
  ]);
  const { base, commit, tree, gateHash, members, conflicts, landed } = composed;
  const [misfit] = conflicts;
  if (misfit !== undefined)
    return {
      ...{ kind: 'notOverridden', id },
      because: { failure: misfit.failure, evidenceRef: misfit.evidenceRef },
    };
  const [before] = landed;
  if (before !== undefined) return { kind: 'notOverridden', id, because: { landed: before.commit } };
  const [member] = members;
  // The person's branch has moved: its merge is a group of its own, and goes first.
  if (member === undefined || commit === undefined || tree === undefined) return { kind: 'stale' };
  const answer = await landing.land.executeWithOptions({ summary: 'land without a test' }, [
    { ...target, base, commit, members, waitsMs: [Date.now() - since], override },
  ]);
  return answer.outcome === 'stale'
    ? { kind: 'stale' }
    : { kind: 'overrode', id, tip: { commit, tree, gateHash }, member };
};
