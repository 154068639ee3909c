import { createInterface } from 'node:readline/promises';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

/** Asks a person, who may also have said yes to everything beforehand. */
export interface Asker {
  /** Whether a person is there to answer. */
  readonly asks: boolean;
  confirm(question: string, otherwise: boolean): Promise<boolean>;
  text(question: string, otherwise: string): Promise<string>;
}

interface Streams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** With `yes` every proposal is taken. `rehearses`: whether the command has --dry-run. Throws `NeedsAnswers` (exit 2) when there is neither a person nor a yes. */
export const askerFor = (
  {
    yes,
    what,
    rehearses = false,
  }: { readonly yes: boolean; readonly what: string; readonly rehearses?: boolean },
  // Questions go to stderr: stdout is for what the command answers.
  { input, output }: Streams = { input: process.stdin, output: process.stderr },
): Asker => {
  if (yes)
    return {
      asks: false,
      confirm: async (_, otherwise) => otherwise,
      text: async (_, otherwise) => otherwise,
    };
  if (input.isTTY !== true) throw needsAnswers(what, rehearses);
  return {
    asks: true,
    confirm: async (question, otherwise) => {
      for (;;) {
        const answer = (
          await ask({ input, output }, `${question} [${otherwise ? 'Y/n' : 'y/N'}] `)
        ).toLowerCase();
        if (answer === '') return otherwise;
        if (['y', 'yes', 'n', 'no'].includes(answer)) return answer.startsWith('y');
        output.write('Please answer y or n.\n');
      }
    },
    text: async (question, otherwise) => {
      const answer = await ask(
        { input, output },
        `${question}${otherwise === '' ? '' : ` [${otherwise}]`}: `,
      );
      return answer === '' ? otherwise : answer;
    },
  };
};

const ask = async ({ input, output }: Streams, question: string): Promise<string> => {
  const lines = createInterface({ input, output, terminal: process.env['TERM'] !== 'dumb' });
  try {
    // Ctrl-C and Ctrl-D close the interface, and a question to a closed one is never answered.
    const gone = new Promise<never>((_, reject) => {
      lines.once('SIGINT', () => reject(left())).once('close', () => reject(left()));
    });
    return (await Promise.race([lines.question(question), gone])).trim();
  } catch (error) {
    output.write('\n');
    throw error;
  } finally {
    lines.close();
  }
};

const left = (): ClientError =>
  new ClientError(exitCode.interrupted, {
    type: 'Interrupted',
    what: 'Ended before it was done; no file was written.',
    evidence: '',
    next: 'Say the same command again; with --yes it asks nothing.',
  });

const needsAnswers = (what: string, rehearses: boolean): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NeedsAnswers',
    what: `${what} asks questions, and there is no terminal to answer them on.`,
    evidence: 'standard input is not a terminal',
    next: `Add --yes to take what it proposes${rehearses ? ', or --dry-run to see that first' : ''}.`,
  });
