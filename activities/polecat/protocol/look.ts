import type { Fault } from './edit.ts';

/** Of one command that a model may run, characters and lines. */
const most = { chars: 2_000, lines: 20 } as const;

/** The command in a block of a shell, without the prompts that transcripts put before it; undefined when it is none to run. */
export const commandIn = (text: string): string | undefined => {
  const lines = text.split('\n').map((line) => line.replace(/^\s*\$ /, ''));
  const command = lines.join('\n').trim();
  if (command === '' || command.length > most.chars || command.split('\n').length > most.lines) return;
  // Nothing is typed into it and nobody reads its screen.
  return /[^\P{C}\n\t]/u.test(command) ? undefined : command;
};

/** Several looks at once: each would need the answer of the one before it. */
export const manyCommands: Fault = {
  kind: 'malformed',
  what: 'The reply has several commands. Give exactly one command in one fenced block, or the changed files.',
};
