/** What people and the town's roles tell a polecat while it works. */

/** One word of theirs, as the signal `nudge` brings it. */
export interface Told {
  /** The same id is the same word: sent twice, it is heard once. */
  readonly id: string;
  /** Who says it: `overseer`, `mayor`, `witness`. */
  readonly from: string;
  /** At most `longestWords` characters. */
  readonly text: string;
}

/** The newest that a bead keeps: every later prompt of it has them, each once. */
export const mostTold = 8;

/** Takes a word in, unless it was heard before. */
export const heard = (known: readonly Told[] = [], word: Told): readonly Told[] =>
  known.some(({ id }) => id === word.id) ? known : [...known, word].slice(-mostTold);
