import { oneLine } from '../../../workflows/domain/text.ts';

/** What the run of a test runner says of itself. */
export interface TestReport {
  /** Tests that ran, at least; undefined where it does not say. */
  readonly ran: number | undefined;
  /** Failing tests, each once, sorted: the same ones have the same names in the next run. */
  readonly failing: readonly string[];
  /** More may fail than these: it was cut short, or tells of other failures than it names. */
  readonly partial?: true;
}

/** Names in one report, each so long, and all together: they travel through histories. */
export const reportLimits = { names: 200, name: 200, characters: 12_000 } as const;

/** What a reader has found in an output. */
export interface Found {
  readonly ran: number | undefined;
  readonly names: Iterable<string>;
  /** How many failures it counts: where it names more, something else printed some of the names. */
  readonly failed?: number;
  /** The same, where it counts some that it does not name. */
  readonly mostFailed?: number;
  readonly partial?: boolean;
}

/** A report of what was found, believed as far as its own numbers bear it out. */
export const reportOf = ({ ran, names, failed, mostFailed, partial = false }: Found): TestReport => {
  const { all, tooMany } = clean(names);
  const most = mostFailed ?? failed;
  const planted = most !== undefined && all.length > most;
  const unnamed = failed !== undefined && all.length < failed;
  return bounded({ ran, failing: planted ? [] : all, ...partly(partial || planted || unnamed || tooMany) });
};

/** Several reports of one run as one; undefined when there is none. */
export const joinReports = (reports: readonly TestReport[]): TestReport | undefined => {
  const [first, ...others] = reports;
  if (first === undefined || others.length === 0) return first;
  const counts = reports.flatMap(({ ran }) => ran ?? []);
  return bounded({
    ran: counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0),
    failing: clean(reports.flatMap(({ failing }) => failing)).all,
    ...partly(reports.some(({ partial }) => partial)),
  });
};

/** Names that are looked at: so many failures have one cause. */
const mostSeen = 2_000;

const clean = (names: Iterable<string>): { readonly all: readonly string[]; readonly tooMany: boolean } => {
  const all = new Set<string>();
  let seen = 0;
  for (const name of names) {
    seen += 1;
    if (seen > mostSeen) break;
    all.add(oneLine(name.slice(0, reportLimits.name * 8), reportLimits.name));
  }
  all.delete('');
  return { all: [...all].sort(), tooMany: seen > mostSeen };
};

const bounded = (report: TestReport): TestReport => {
  let room: number = reportLimits.characters;
  const failing = report.failing.slice(0, reportLimits.names).filter((name) => (room -= name.length) >= 0);
  return failing.length === report.failing.length ? report : { ...report, failing, partial: true };
};

const partly = (partial: boolean | undefined): { partial?: true } => (partial ? { partial } : {});
