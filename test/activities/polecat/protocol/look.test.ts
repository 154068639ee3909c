import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandIn } from '../../../../activities/polecat/protocol/look.ts';
import { parseReply } from '../../../../activities/polecat/protocol/parse.ts';

const fenced = (text: string, info = 'sh'): string => `\`\`\`${info}\n${text}\n\`\`\``;
const call = (name: string, given: object): string =>
  `<tool_call>\n${JSON.stringify({ name, arguments: given })}\n</tool_call>`;

describe('a reply that is one command', () => {
  it.each([
    ['alone', fenced('grep -rn foo src | head'), 'grep -rn foo src | head'],
    ['after a sentence', `Let me look first.\n\n${fenced('ls src', 'bash')}`, 'ls src'],
    ['with the prompt of a shell', fenced('$ cat a.ts', 'console'), 'cat a.ts'],
    [
      'of several lines',
      fenced('for f in *.ts; do\n  wc -l "$f"\ndone'),
      'for f in *.ts; do\n  wc -l "$f"\ndone',
    ],
    ['as a call of a tool', call('run_command', { command: 'ls' }), 'ls'],
    [
      'as a call that reads a file',
      call('read_file', { path: 'src/a b.ts' }),
      "sed -n '1,400p' 'src/a b.ts'",
    ],
    ['as a call that lists a folder', call('list_dir', { path: 'src' }), 'ls -la src'],
  ])('is a look: %s', (_, reply, command) => {
    expect(parseReply(reply)).toEqual({ edits: [], nothingToChange: false, faults: [], command });
  });

  it('is none beside a change: then it is advice', () => {
    const reply = `a.ts\n\`\`\`ts\nx\n\`\`\`\nNow run:\n${fenced('npm test')}`;
    expect(parseReply(reply)).toMatchObject({ edits: [{ path: 'a.ts' }], faults: [] });
    expect(parseReply(reply).command).toBeUndefined();
  });

  it.each([
    ['two of them', `${fenced('ls')}\n${fenced('pwd')}`],
    ['two calls', `${call('run_command', { command: 'ls' })}\n${call('read_file', { path: 'a' })}`],
  ])('is refused: %s', (_, reply) => {
    const { faults, command } = parseReply(reply);
    expect(command).toBeUndefined();
    expect(faults[0]?.what).toContain('exactly one command');
  });

  it.each([
    ['nothing', '  \n'],
    ['too long', 'x'.repeat(2_001)],
    ['too many lines', 'true\n'.repeat(21)],
    ['a terminal escape', 'printf \u001b[2J'],
    ['a NUL', 'ls\0'],
  ])('is no command: %s', (_, text) => {
    expect(commandIn(text)).toBeUndefined();
  });

  it('G9: whatever a path says, it is one word of the command that reads it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (path) => {
        const { command } = parseReply(call('read_file', { path }));
        if (command === undefined) return;
        const word = command.slice("sed -n '1,400p' ".length);
        expect(/^[\w@%+=:,./~-]+$/.test(word) || /^'(?:[^']|'\\'')*'$/.test(word)).toBe(true);
      }),
    );
  });
});
