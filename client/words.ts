import { text as readAll } from 'node:stream/consumers';
import { cleanWords, wordsFault } from '../workflows/domain/mail/words.ts';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

/** A text from the command line, or from standard input for `-`, without what could drive a terminal. Throws `BadText` (exit 2). */
export const readWords = async (given: string): Promise<string> => {
  const text = given === '-' ? await readAll(process.stdin) : given;
  const fault = wordsFault(text);
  if (fault === undefined) return cleanWords(text);
  throw new ClientError(exitCode.badInput, {
    type: 'BadText',
    what: `This text cannot be sent: ${fault}.`,
    evidence: 'control characters and blanks at the ends do not count',
    next: 'Say it in at most 4000 characters; name files for what is longer.',
  });
};
