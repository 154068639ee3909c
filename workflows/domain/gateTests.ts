/** The tests of a run of gates, as far as it tells of them. */
export interface GateTests {
  /** How many ran, at least; undefined where nothing says. */
  readonly ran: number | undefined;
  /** All that failed. Empty unless every red gate names what failed in it and came to its end: an absent name must mean something. */
  readonly failing: readonly string[];
  /** What failed where others may have, too: for people. */
  readonly seen?: readonly string[];
}

/** A gate, or a run of several, with what it tells of tests. */
export interface TestedPart {
  readonly red: boolean;
  readonly tests?: GateTests | undefined;
}

/** What parts of one run tell together; undefined when none tells anything. Exit codes decide: what a green gate calls failed counts for nothing. */
export const joinTests = (parts: readonly TestedPart[]): GateTests | undefined => {
  const told = parts.flatMap(({ tests }) => tests ?? []);
  if (told.length === 0) return;
  const red = parts.filter((part) => part.red);
  const counts = told.flatMap(({ ran }) => ran ?? []);
  const ran = counts.length === 0 ? undefined : counts.reduce((sum, one) => sum + one, 0);
  const names = distinct(red.flatMap(({ tests }) => (tests === undefined ? [] : failingTests(tests))));
  if (names.length === 0) return { ran, failing: [] };
  const isWhole = red.every(({ tests }) => tests !== undefined && tests.failing.length > 0);
  return isWhole && names.length <= mostNames
    ? { ran, failing: names }
    : { ran, failing: [], seen: names.slice(0, mostNames) };
};

/** The names of failing tests that people are told, whether others may have failed or not. */
export const failingTests = ({ failing, seen = [] }: GateTests): readonly string[] =>
  failing.length > 0 ? failing : seen;

/** They travel through histories. */
const mostNames = 200;

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
