import type { Delivery, GroupMember } from '../../../../../workflows/domain/queue/refineryState.ts';
import {
  type Submission,
  type SubmissionId,
  submissionKey,
  type Verdict,
} from '../../../../../workflows/domain/queue/submission.ts';
import {
  type Book,
  type BookEvent,
  emptyBook,
  type GroupTested,
  type Looked,
} from '../../../../../workflows/domain/refinery/book/book.ts';
import { dutyOf } from '../../../../../workflows/domain/refinery/book/duty.ts';
import { reduce } from '../../../../../workflows/domain/refinery/book/reduce.ts';
import { plan } from '../../../../../workflows/domain/refinery/screening/plan.ts';

/** What is true of a world's branches, whatever anybody plans. */
export interface Truth {
  readonly count: number;
  readonly bad: ReadonlySet<number>;
  /** Pairs, as `a b` with a < b: green alone, red together. */
  readonly quarrels: ReadonlySet<string>;
  /** Pairs that do not merge. */
  readonly conflicts: ReadonlySet<string>;
  /** Commits of others that break the target until the next one of theirs. */
  readonly redOutsiders: ReadonlySet<number>;
  /** Branches with which the target is green all the same. */
  readonly mends?: ReadonlySet<number>;
  readonly slots: number;
}

export const pairOf = (a: number, b: number): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** The target: who is on it, in order, and how many commits of others. */
interface Main {
  readonly members: readonly number[];
  readonly outsiders: number;
}

const nameOf = ({ members, outsiders }: Main): string => `main ${outsiders} ${members.join('+')}`;
const treeOf = ({ members, outsiders }: Main): string =>
  `tree ${outsiders} ${members.toSorted((a, b) => a - b).join('+')}`;

interface Test {
  readonly run: number;
  readonly base: Main;
  readonly members: readonly Submission[];
}

/** The merge queue in a world without time: its shell, whose activities end when the test says so. */
export const openWorld = (truth: Truth) => {
  let book: Book = emptyBook('rig', 'main', undefined);
  let now = 0;
  let main: Main = { members: [], outsiders: 0 };
  const bases = new Map<string, Main>([[nameOf(main), main]]);
  const verdicts = new Map<string, Verdict[]>();
  const tests = new Map<number, Test>();
  /** First-parent commits of the queue's own, with whether their tree is green. */
  const landings: {
    readonly tree: string;
    readonly isGreen: boolean;
    readonly tested: boolean;
    /** Whether the target itself was known to be green with the landing before it. */
    readonly onGreen: boolean;
    readonly members: readonly number[];
    readonly override?: true;
  }[] = [];
  const greenTrees = new Set<string>();
  /** Who was on the target when that itself passed. */
  const proven = new Set<number>();
  const prove = ({ members }: Main): void => members.forEach((one) => void proven.add(one));
  const loneReds = new Map<number, number>();
  let idleFor: unknown;

  const numberOf = ({ bead }: SubmissionId): number => Number(bead.split('/').at(-1));
  const isMended = (members: readonly number[]): boolean => members.some((one) => truth.mends?.has(one));
  const isGreen = ({ members, outsiders }: Main): boolean =>
    (isMended(members) ||
      (!truth.redOutsiders.has(outsiders) && !members.some((one) => truth.bad.has(one)))) &&
    !members.some((a, at) => members.slice(at + 1).some((b) => truth.quarrels.has(pairOf(a, b))));
  const fits = (on: readonly number[], one: number): boolean =>
    !on.some((other) => truth.conflicts.has(pairOf(other, one)));

  const take = (event: BookEvent): void => {
    const reduced = reduce(book, event, ++now);
    book = JSON.parse(JSON.stringify(reduced.book)) as Book;
    // JSON drops what is undefined, and so does continue-as-new.
    for (const { verdict } of reduced.verdicts satisfies readonly Delivery[]) {
      const key = submissionKey(verdict);
      verdicts.set(key, [...(verdicts.get(key) ?? []), verdict]);
    }
  };

  const compose = (base: Main, members: readonly Submission[]) => {
    const landed = members.filter((one) => base.members.includes(numberOf(one)));
    const on = [...base.members];
    const inside: Submission[] = [];
    const conflicts: (SubmissionId & { failure: never; evidenceRef: undefined })[] = [];
    for (const one of members) {
      if (landed.includes(one)) continue;
      if (!fits(base.members, numberOf(one))) {
        const failure = { type: 'MergeConflict', what: '', evidence: '', next: '' } as never;
        conflicts.push({ ...idOf(one), failure, evidenceRef: undefined });
      } else if (fits(on, numberOf(one))) {
        on.push(numberOf(one));
        inside.push(one);
      }
    }
    return { landed, inside, conflicts, made: { ...base, members: on } };
  };
  const asMember = (one: Submission): GroupMember => ({ ...idOf(one), commit: `commit of ${one.bead}` });

  const look = (): void => {
    const found = book.entries
      .filter((entry) => entry.look !== undefined)
      .map(({ submission: one }): Looked => {
        const number = numberOf(one);
        if (main.members.includes(number))
          return { ...idOf(one), outcome: 'landed', commit: `commit of ${one.bead}` };
        if (!fits(main.members, number))
          return {
            ...{ ...idOf(one), outcome: 'conflicts', evidenceRef: undefined },
            failure: { type: 'MergeConflict', what: 'conflict', evidence: '', next: '' },
          };
        const conflicts = book.entries
          .filter(({ submission }) => truth.conflicts.has(pairOf(number, numberOf(submission))))
          .map(({ submission }) => submissionKey(submission));
        return { ...idOf(one), outcome: 'fits', footprint: undefined, conflicts };
      });
    const tip = { commit: nameOf(main), tree: treeOf(main), gateHash: 'gates' };
    const isKnown = greenTrees.has(tip.tree);
    if (isKnown) prove(main);
    take({ kind: 'looked', tip, isGreen: isKnown, slots: truth.slots, upstream: undefined, found });
  };

  const land = (run: number): void => {
    const green = book.greens.find((one) => one.run === run);
    const { tip } = book;
    if (green === undefined || tip === undefined) return take({ kind: 'stale' });
    const keys = new Set(green.members.map(submissionKey));
    const members = book.entries.flatMap(({ submission }) =>
      keys.has(submissionKey(submission)) ? [submission] : [],
    );
    const base = bases.get(tip.commit) as Main;
    const { inside, made } = compose(base, members);
    const tree = treeOf(made);
    if (nameOf(main) !== tip.commit || inside.length !== members.length || tree !== green.tree)
      return take({ kind: 'stale' });
    const onGreen = isKnownGreen();
    main = made;
    bases.set(nameOf(main), main);
    const landed = inside.map(numberOf);
    landings.push({ tree, isGreen: isGreen(main), tested: greenTrees.has(tree), onGreen, members: landed });
    const at = { commit: nameOf(main), tree, gateHash: 'gates' };
    take({ kind: 'landed', run, tip: at, members: inside.map(asMember) });
  };

  /** Lands one without a test; `lost`: it lands, and nobody hears of it. */
  let lost = false;
  let meanwhile: (() => void) | undefined;
  const override = (id: number): void => {
    take({ kind: 'overriding', id });
    meanwhile?.();
    meanwhile = undefined;
    const entry = book.entries.find((one) => one.id === id);
    if (entry === undefined || nameOf(main) !== book.tip?.commit) return take({ kind: 'stale' });
    const { landed, inside, conflicts, made } = compose(main, [entry.submission]);
    const [misfit] = conflicts;
    if (misfit !== undefined) return take({ kind: 'notOverridden', id, because: misfit });
    if (landed.length > 0) return take({ kind: 'notOverridden', id, because: { landed: nameOf(main) } });
    const onGreen = isKnownGreen();
    main = made;
    bases.set(nameOf(main), main);
    const tree = treeOf(main);
    const members = inside.map(numberOf);
    landings.push({ tree, isGreen: isGreen(main), tested: false, onGreen, members, override: true });
    const [member] = inside.map(asMember);
    if (lost || member === undefined) {
      lost = false;
      const failure = { type: 'GitFailed', what: 'lost', evidence: '', next: '' } as const;
      return take({ kind: 'failed', failure });
    }
    take({ kind: 'overrode', id, tip: { commit: nameOf(main), tree, gateHash: 'gates' }, member });
  };

  const isKnownGreen = (): boolean => landings.at(-1)?.members.every((one) => proven.has(one)) ?? true;

  /** Does what there is to do until only the end of a test, or a signal, can change anything. */
  const settle = (): void => {
    for (let step = 0; step < 10_000; step++) {
      const duty = dutyOf(book);
      if (duty.kind === 'wait') return;
      if (duty.kind === 'look') look();
      else if (duty.kind === 'land') land(duty.run);
      else if (duty.kind === 'override') override(duty.id);
      else if (duty.kind === 'merge') throw new Error('nobody has a branch here');
      else {
        const queue = JSON.stringify(book.queue);
        if (idleFor === queue) return;
        const decision = plan(book.queue);
        for (const run of decision.cancel) tests.delete(run);
        const first = book.queue.nextRun;
        take({ kind: 'decided', decision });
        for (const run of book.queue.running.filter(({ id }) => id >= first)) {
          const members = run.members.map((id) => book.entries.find((entry) => entry.id === id)?.submission);
          const base = bases.get(book.tip?.commit ?? '') as Main;
          tests.set(run.id, { run: run.id, base, members: members.filter((one) => one !== undefined) });
        }
        if (decision.land === undefined && decision.reject.length === 0) idleFor = JSON.stringify(book.queue);
      }
    }
    throw new Error('the queue does not come to rest');
  };

  return {
    settle,
    book: (): Book => book,
    tests: (): readonly number[] => [...tests.keys()],
    verdicts,
    landings,
    loneReds,
    isGreenNow: (): boolean => isGreen(main),
    onMain: (): readonly number[] => main.members,
    submit: (number: number, attempt = 1): Submission => {
      const one = submissionOf(number, attempt);
      take({ kind: 'submitted', submission: one });
      return one;
    },
    /** A person lands it directly: tested, or by their word alone. */
    direct: (number: number, untested?: string): Submission => {
      const one: Submission = {
        ...submissionOf(number, 1_000),
        direct: { by: 'ada', ...(untested === undefined ? {} : { untested }) },
      };
      take({ kind: 'submitted', submission: one });
      return one;
    },
    /** While the next override lands this happens. */
    whileOverriding: (act: () => void): void => {
      meanwhile = act;
    },
    /** The next override lands, and the queue does not hear of it. */
    loseNext: (): void => {
      lost = true;
    },
    hotfix: (number: number): void =>
      take({ kind: 'ranked', key: submissionKey(submissionOf(number)), hotfix: true }),
    withdraw: (number: number): void =>
      take({ kind: 'withdrawn', id: submissionOf(number, 1), workflowId: `bead/${number}` }),
    withdrawOne: (one: Submission): void => take({ kind: 'withdrawn', id: one, workflowId: one.workflowId }),
    /** Somebody else commits to the target. */
    outsider: (): void => {
      main = { ...main, outsiders: main.outsiders + 1 };
      bases.set(nameOf(main), main);
    },
    lookAgain: (): void => take({ kind: 'look' }),
    /** A test ends; `flakes`: it fails whatever it tests. */
    end: (run: number, how: 'truly' | 'flakes' | 'broken' = 'truly'): void => {
      const test = tests.get(run);
      if (test === undefined) return;
      tests.delete(run);
      if (how === 'broken') return take({ kind: 'broken', run });
      const { landed, inside, conflicts, made } = compose(test.base, test.members);
      const isWhole = test.members.length === 0 || inside.length > 0;
      const passes = how === 'truly' && isGreen(made);
      const tree = treeOf(made);
      if (isWhole && passes) greenTrees.add(tree);
      if (passes && test.members.length === 0) prove(test.base);
      const [alone, ...others] = inside;
      if (isWhole && !passes && alone !== undefined && others.length === 0)
        loneReds.set(numberOf(alone), (loneReds.get(numberOf(alone)) ?? 0) + 1);
      const answer: GroupTested = {
        ...{ base: nameOf(test.base), baseTree: treeOf(test.base), gateHash: 'gates', tree },
        ...{
          commit: `on ${nameOf(made)}`,
          members: inside.map(asMember),
          conflicts,
          landed: landed.map(asMember),
        },
        report: !isWhole
          ? undefined
          : passes
            ? { verdict: 'green', ms: 100 }
            : {
                verdict: 'red',
                failures: [{ gate: 'test', summary: 'red' }],
                feedback: { summary: 'red', ref: 'blob' },
              },
      };
      take({ kind: 'tested', run, answer });
    },
  };
};

const idOf = ({ bead, attempt, head }: SubmissionId): SubmissionId => ({ bead, attempt, head });

export const submissionOf = (number: number, attempt = 1): Submission => ({
  ...{ bead: `c/e/${number}`, attempt, head: `head ${number} ${attempt}`, base: 'base', title: `${number}` },
  ...{ taskRef: 'task', polecat: 'p', model: 'm', gateHash: 'gates', workflowId: `bead/${number}` },
});
