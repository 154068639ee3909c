/** What one may say to another in the town: a nudge to a polecat, a note to the mayor, a letter. */
import { plainLines } from '../text.ts';

/** Characters. It stands in prompts, and travels in every run of the town. */
export const longestWords = 4_000;

/** The text as it is kept: without what could drive a terminal or hide, and without blanks around it. */
export const cleanWords = (text: string): string => plainLines(text).trim();

/** Why a text cannot be sent; undefined when it can. */
export const wordsFault = (text: string): string | undefined => {
  const clean = cleanWords(text);
  if (clean === '') return 'the text is empty';
  if (clean.length > longestWords)
    return `the text has ${clean.length} characters; at most ${longestWords} can be sent`;
  return;
};
