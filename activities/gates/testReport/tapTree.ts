/** A line `ok` or `not ok`. */
export interface TapResult {
  /** Spaces before it. */
  readonly depth: number;
  readonly name: string;
  readonly failed: boolean;
  readonly skipped: boolean;
  /** Its children stand in braces after it, and not before it. */
  readonly opens: boolean;
}

/** Puts results together as tests within tests: only what holds no others counts and is named, with what it is in. */
export interface TapTree {
  add(result: TapResult): void;
  /** A closing brace at this depth. */
  close(depth: number): void;
  end(): {
    /** Results at the outermost depth. */
    readonly seen: number;
    readonly ran: number;
    readonly names: readonly string[];
    /** Whether failures had no name, or were more than are kept. */
    readonly lost: boolean;
  };
}

interface Level {
  seen: number;
  ran: number;
  failing: string[];
}

/** Names that are kept at most, how long one may grow with what it is in, and how deep that goes, in spaces. */
const mostNames = 500;
const longestName = 1_000;
const deepest = 100;

export const createTapTree = (): TapTree => {
  const levels = new Map<number, Level>();
  let open: TapResult[] = [];
  let lost = false;

  const levelAt = (depth: number): Level => {
    const level = levels.get(depth) ?? { seen: 0, ran: 0, failing: [] };
    levels.set(depth, level);
    return level;
  };

  const takeBelow = (depth: number): Level => {
    const all: Level = { seen: 0, ran: 0, failing: [] };
    for (const [at, level] of levels) {
      if (at <= depth) continue;
      levels.delete(at);
      all.seen += level.seen;
      all.ran += level.ran;
      all.failing.push(...level.failing);
    }
    return all;
  };

  const settle = ({ depth, name, failed, skipped }: TapResult): void => {
    const inside = takeBelow(depth);
    const level = levelAt(depth);
    level.seen += 1;
    level.ran += inside.seen > 0 ? inside.ran : skipped ? 0 : 1;
    if (!failed) return;
    const names = inside.failing.length > 0 ? inside.failing.map((one) => `${name} > ${one}`) : [name];
    if (names.includes('') || level.failing.length + names.length > mostNames) lost = true;
    for (const one of names.slice(0, mostNames - level.failing.length))
      level.failing.push(one.slice(0, longestName));
  };

  return {
    add(one) {
      if (one.depth > deepest) lost ||= one.failed;
      else if (one.opens) open.push(one);
      else settle(one);
    },

    close(depth) {
      const at = open.findLastIndex((one) => one.depth === depth);
      const [closed] = at < 0 ? [] : open.slice(at, at + 1);
      if (at >= 0) open = open.slice(0, at);
      if (closed !== undefined) settle(closed);
    },

    end() {
      lost ||= open.length > 0;
      for (const one of open.toReversed()) settle(one);
      const seen = levels.get(0)?.seen ?? 0;
      const all = takeBelow(-1);
      return { seen, ran: all.ran, names: all.failing, lost };
    },
  };
};
