import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edit } from '../../../../activities/polecat/protocol/edit.ts';
import { faultText } from '../../../../activities/polecat/protocol/feedback.ts';
import { parseReply } from '../../../../activities/polecat/protocol/parse.ts';
import { isPlaceholder } from '../../../../activities/polecat/protocol/placeholder.ts';
import { resolveEdit } from '../../../../activities/polecat/protocol/resolve.ts';
import { pathFault } from '../../../../activities/polecat/safety.ts';

const runs = { numRuns: 300 };
const name = fc.stringMatching(/^[a-z_][a-zA-Z0-9_-]{0,8}$/);
const path = fc
  .tuple(fc.array(name, { maxLength: 3 }), name, fc.constantFrom('ts', 'md', 'json', 'py', 'd.ts'))
  .map(([folders, file, extension]) => [...folders, `${file}.${extension}`].join('/'));
const line = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom(
    '',
    '```',
    '```ts',
    '~~~',
    '  ```',
    '=======',
    'src/a.ts',
    '### src/a.ts',
    '# Title',
    'DELETE a.ts',
    '</p>',
  ),
);
const clean = (text: string): boolean =>
  !/[\r\n]/.test(text) && !/<\/?think|<{3,}|>{3,}|^\s*={3,}\s*$|<\|/.test(text) && !isPlaceholder(text);
const lines = fc.array(line.filter(clean), { maxLength: 8 });
const content = lines.map((all) => all.map((text) => `${text}\n`).join(''));

const label = fc.constantFrom<(path: string) => string>(
  (one) => one,
  (one) => `./${one}`,
  (one) => `**${one}**`,
  (one) => `\`${one}\``,
  (one) => `### \`${one}\``,
  (one) => `File: ${one}`,
  (one) => `${one}:`,
);
const prose = fc.constantFrom('', 'Here is the change.\n', 'Sure!\n\n', '---\n', '### Summary\n\n');

/** A fence longer than all inside, which is what the rules ask a model for. */
const fenceFor = (text: string): string =>
  '`'.repeat(Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length)) + 1);

const rendered = fc
  .uniqueArray(
    fc.record({
      path,
      kind: fc.constantFrom('write', 'replace', 'delete'),
      content,
      search: content,
      label,
      prose,
      info: fc.boolean(),
    }),
    { selector: (one) => one.path, minLength: 1, maxLength: 5 },
  )
  .map((all) => {
    const edits: (readonly [string, string, string?])[] = [];
    let reply = '';
    for (const one of all) {
      reply += one.prose;
      if (one.kind === 'delete') {
        reply += `DELETE ${one.path}\n`;
        edits.push([one.path, 'delete']);
      } else {
        const fence = fenceFor(one.content + one.search);
        reply += one.info ? `${fence}ts ${one.path}\n` : `${one.label(one.path)}\n${fence}ts\n`;
        reply +=
          one.kind === 'write'
            ? one.content
            : `<<<<<<< SEARCH\n${one.search}=======\n${one.content}>>>>>>> REPLACE\n`;
        reply += `${fence}\n`;
        edits.push(one.kind === 'write' ? [one.path, one.content] : [one.path, one.content, one.search]);
      }
    }
    return { reply, edits };
  });

const summary = (edit: Edit): readonly (string | undefined)[] =>
  edit.kind === 'write'
    ? [edit.path, edit.content]
    : edit.kind === 'delete'
      ? [edit.path, 'delete']
      : [edit.path, edit.blocks[0]?.replace, edit.blocks[0]?.search];

describe('parseReply, for any text', () => {
  it('gives back the edits that were written in any accepted form, with LF or CRLF', () => {
    fc.assert(
      fc.property(rendered, fc.boolean(), ({ reply, edits }, crlf) => {
        const parsed = parseReply(crlf ? reply.replaceAll('\n', '\r\n') : reply);
        expect(parsed.faults).toEqual([]);
        expect(parsed.edits.map(summary)).toEqual(edits);
      }),
      runs,
    );
  });

  it('G7: calls a reply that was cut anywhere malformed, or reads a part of the same edits', () => {
    fc.assert(
      fc.property(rendered, fc.double({ min: 0, max: 1, noNaN: true }), ({ reply, edits }, share) => {
        const parsed = parseReply(reply.slice(0, Math.floor(reply.length * share)));
        if (parsed.faults.length > 0) return;
        const whole = edits.map(([one]) => one);
        // A cut DELETE line may name another file; what exists is checked when it is applied.
        for (const edit of parsed.edits) if (edit.kind !== 'delete') expect(whole).toContain(edit.path);
      }),
      runs,
    );
  });

  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '```',
      '```ts',
      '```ts ../a.ts',
      '~~~',
      '<<<<<<< SEARCH',
      '=======',
      '>>>>>>> REPLACE',
      'DELETE /etc/passwd',
      '../../x.ts',
      '/etc/passwd',
      '.git/hooks/pre-commit',
      '`.GIT/config`',
      'File: C:\\x.ts',
      '**src\\a.ts**',
      'src/a.ts',
      '### a/../../b.ts',
      'NOTHING TO CHANGE',
      '<think>',
      '</think>',
      '// ../x/y.ts',
      '\u0000',
      '\uFEFF',
      '\r',
    ),
  );
  const soup = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join('\n'));

  it('never throws, and what it refuses it can explain', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const { edits, faults, nothingToChange } = parseReply(text);
        expect(edits.length > 0 || faults.length > 0 || nothingToChange).toBe(true);
        expect(faultText(faults)).toContain('fenced block');
        for (const edit of edits) resolveEdit(edit, 'one\ntwo\n');
      }),
      { numRuns: 2_000 },
    );
  });

  it('G9: lets no path through to the worktree that leaves it', () => {
    fc.assert(
      fc.property(soup, (text) => {
        for (const edit of parseReply(text).edits) {
          if (pathFault(edit.path) !== undefined) continue;
          const parts = edit.path.split('/');
          expect(parts.every((part) => part !== '' && part !== '.' && part !== '..')).toBe(true);
          expect(parts.some((part) => part.toLowerCase() === '.git')).toBe(false);
          expect(edit.path).not.toMatch(/[\\:\u0000-\u001f]/);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads a hostile reply in linear time', () => {
    const big = [
      '`'.repeat(200_000),
      '```ts\n'.repeat(40_000),
      `a.ts\n${'<<<<<<< SEARCH\n'.repeat(20_000)}`,
      `${'**'.repeat(50_000)}a.ts`,
      `${' '.repeat(100_000)}x`,
      `x${' '.repeat(100_000)}y`,
      `${'(new '.repeat(30_000)}\n\`\`\`\nx\n\`\`\``,
      '### '.repeat(30_000),
      `a.ts\n\`\`\`\n${'// ... '.repeat(20_000)}\n\`\`\``,
      'a/'.repeat(60_000),
    ];
    for (const text of big) {
      const start = performance.now();
      parseReply(text);
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  });
});
