import type { Concealer } from '../secrets/concealer.ts';

/**
 * Conceals secrets in a text that comes in pieces, wherever a piece may end inside of one: what may still turn out to be the
 * beginning of a secret is held back until it is known.
 */
export interface HoldBack {
  /** What can be shown now. */
  readonly add: (piece: string) => string;
  /** The rest. */
  readonly end: () => string;
}

/** A line is shown when it is whole; of one that is longer, words. No shape of a secret but a key block has a blank or is longer. */
const longestLine = 2_000;
/** More than any word of a text that people would read. What is longer is left out, since a secret may begin anywhere in it. */
const longestWord = 8_000;
/** The longest key block that has a shape. */
const longestBlock = 21_000;
/** What was shown last is looked at again: some shapes are known by the words before them. */
const context = 500;

export const createHoldBack = ({ found, broken }: Pick<Concealer, 'found' | 'broken'>): HoldBack => {
  let shown = '';
  let held = '';

  const release = (cut: number): string => {
    const ready = held.slice(0, cut);
    const text = found(shown + ready).reduce(
      (left, { value, placeholder }) => left.replaceAll(value, () => placeholder),
      ready,
    );
    shown = (shown + ready).slice(-context);
    held = held.slice(cut);
    return text;
  };

  return {
    add(piece) {
      held += piece;
      const line = held.lastIndexOf('\n', held.length - broken - 1) + 1;
      if (line === 0 && held.length > longestWord && !/\s/.test(held)) {
        held = '';
        return '…';
      }
      const whole = line === 0 && held.length > longestLine ? held.lastIndexOf(' ') + 1 : line;
      const cut = beforeBlock(held, whole);
      return cut <= 0 ? '' : release(insideOf(found(shown + held), held, cut));
    },
    end: () => release(held.length),
  };
};

/** Not behind the beginning of a key block that has not ended. */
const beforeBlock = (held: string, cut: number): number => {
  const begins = held.lastIndexOf('-----BEGIN');
  if (begins < 0 || begins >= cut || held.length - begins > longestBlock) return cut;
  const ends = held.indexOf('-----END', begins);
  // The end of its last line is part of it.
  return ends >= 0 && held.indexOf('\n', ends) >= 0 ? cut : held.lastIndexOf('\n', begins) + 1;
};

/** Not in the middle of a secret that has blanks or lines of its own: it is shown as a whole, concealed. */
const insideOf = (secrets: ReturnType<Concealer['found']>, held: string, cut: number): number => {
  let at = cut;
  for (const { value } of secrets) {
    const begins = held.lastIndexOf(value, at - 1);
    if (begins >= 0 && begins < at && begins + value.length > at) at = begins;
  }
  return at;
};
