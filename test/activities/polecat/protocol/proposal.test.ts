import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseReply } from '../../../../activities/polecat/protocol/parse.ts';

const file = 'src/a.ts\n```ts\nexport {};\n```\n';
const block = (text: string, fence = '```'): string => `${fence}proposal\n${text}\n${fence}\n`;
const sound = 'title: Reject -1\nfiles: src/b.ts, test/größe 1.ts\n\nIt throws.\nIt should not.';

const read = (text: string) => parseReply(`${file}\n${text}`);

describe('a reply may propose other work beside its own', () => {
  test('the block is read, and is no file and no fault', () => {
    const reply = read(`I noticed something.\n\n${block(sound)}\nDone.`);
    expect(reply.faults).toEqual([]);
    expect(reply.edits.map(({ path }) => path)).toEqual(['src/a.ts']);
    expect(reply.proposals).toEqual([
      { title: 'Reject -1', files: ['src/b.ts', 'test/größe 1.ts'], task: 'It throws.\nIt should not.' },
    ]);
  });

  test('its text may have code blocks, CRLF and no files; several are read, in order', () => {
    const text = `${block('title: One\n\nRun:\n```sh\nmake\n```\nthen see.', '````')}\n${block('title: Two\n\nTwo.')}`;
    expect(read(text.replaceAll('\n', '\r\n')).proposals).toEqual([
      { title: 'One', files: [], task: 'Run:\n```sh\nmake\n```\nthen see.' },
      { title: 'Two', files: [], task: 'Two.' },
    ]);
  });

  test('beside NOTHING TO CHANGE it counts too', () => {
    expect(parseReply(`NOTHING TO CHANGE\n\n${block(sound)}`)).toMatchObject({
      nothingToChange: true,
      faults: [],
      proposals: [{ title: 'Reject -1' }],
    });
  });

  test('alone it is no answer to the task', () => {
    const reply = parseReply(block(sound));
    expect(reply.edits).toEqual([]);
    expect(reply.faults).toMatchObject([{ kind: 'malformed' }]);
  });

  test('with a path before it, it is a file of that name; inside a file it is text', () => {
    expect(parseReply(`notes.md\n${block(sound)}`).proposals).toBeUndefined();
    const nested = parseReply(`notes.md\n\`\`\`\`md\n${block(sound)}\`\`\`\`\n`);
    expect(nested.edits).toHaveLength(1);
    expect(nested.proposals).toBeUndefined();
  });
});

describe('G9: what is not exactly a proposal is none, and costs the bead nothing', () => {
  test.each([
    ['no title', 'files: a.ts\n\nDo it.'],
    ['no text', 'title: One'],
    ['an empty text', 'title: One\n\n  '],
    ['another field', 'title: One\ngates: none\n\nDo it.'],
    ['leave to change gates', 'title: One\napprovedFiles: package.json\n\nDo it.'],
    ['two titles', 'title: One\ntitle: Two\n\nDo it.'],
    ['a path outside', 'title: One\nfiles: ../x\n\nDo it.'],
    ['a path into .git', 'title: One\nfiles: .git/config\n\nDo it.'],
    ['a title of two hundred characters', `title: ${'x'.repeat(200)}\n\nDo it.`],
    ['a text of ten thousand characters', `title: One\n\n${'x'.repeat(10_000)}`],
    ['the example of the prompt', 'title: One line that says what\n\nSome text.'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    const reply = read(block(text));
    expect(reply.proposals).toBeUndefined();
    expect(reply.faults).toEqual([]);
    expect(reply.edits).toHaveLength(1);
  });

  test('terminal escapes and invisible marks are gone', () => {
    const [one] = read(block('title: A\u001b[2JB\u202e\n\n\u001b]0;x\u0007text\u200b')).proposals ?? [];
    expect(one).toEqual({ title: 'AB', files: [], task: 'text' });
  });

  test('at most five of one reply', () => {
    const many = Array.from({ length: 9 }, (_, n) => block(`title: Number ${n}\n\nDo ${n}.`)).join('\n');
    expect(read(many).proposals).toHaveLength(5);
  });

  test('whatever stands in the block, reading it never throws and never changes a file', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const reply = read(block(text.replaceAll(/`{3,}|~{3,}/g, '')));
        expect(reply.edits.map(({ path }) => path)).toEqual(['src/a.ts']);
      }),
    );
  });
});
