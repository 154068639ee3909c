/** What people and the town's roles tell a polecat while it works. */

/** One word of theirs, as the signal `nudge` brings it. */
export interface Told {
  /** The same id is the same word: sent twice, it is heard once. */
  readonly id: string;
  /** Who says it: `overseer`, `mayor`, `witness`. */
  readonly from: string;
  /** At most `longestTold` characters. */
  readonly text: string;
}

/** Characters. It travels through histories, which hold short texts only; a longer one belongs into the task. */
export const longestTold = 4_000;

/** The newest that a bead keeps: every later prompt of it has them, each once. */
export const mostTold = 8;

/** Takes a word in, unless it was heard before. */
export const heard = (known: readonly Told[] = [], word: Told): readonly Told[] =>
  known.some(({ id }) => id === word.id) ? known : [...known, word].slice(-mostTold);
