/** Explore steps: commands that a polecat has run in the sandbox before it changes anything. */

/** One look: what was run, and the blob of what it printed. */
export interface Look {
  readonly command: string;
  readonly outputRef: string;
  /** How it ended, in a few words: `exit 0`, `ended after 60 s`. */
  readonly ended: string;
}

/** A conversation remembers as many; a hand-over begins without. */
export const mostLooks = 12;

/** So many looks in a row bring a bead no further: it is told to change something. */
export const looksInARow = 4;

export const withLook = (looks: readonly Look[] | undefined, look: Look): readonly Look[] =>
  [...(looks ?? []), look].slice(-mostLooks);
