import { describe, expect, it } from 'vitest';
import { parseReply } from '../../../../activities/polecat/protocol/parse.ts';

/** Path → content of the whole files of a reply. */
const files = (reply: string): Record<string, string> => {
  const parsed = parseReply(reply);
  expect(parsed.faults).toEqual([]);
  return Object.fromEntries(
    parsed.edits.map((edit) => [edit.path, edit.kind === 'write' ? edit.content : edit.kind]),
  );
};
const faults = (reply: string): string => {
  const { faults: found } = parseReply(reply);
  expect(found.length).toBeGreaterThan(0);
  return found.map(({ what }) => what).join('\n');
};
const block = (content: string, info = 'ts'): string => `\`\`\`${info}\n${content}\n\`\`\`\n`;

describe('the path of a whole file', () => {
  const labels = [
    'src/a.ts',
    './src/a.ts',
    '`src/a.ts`',
    '**src/a.ts**',
    '**`src/a.ts`**',
    '*src/a.ts*',
    '### src/a.ts',
    '### `src/a.ts`',
    '#### 1. `src/a.ts`',
    '## File: src/a.ts',
    'File: src/a.ts',
    'File: `src/a.ts`',
    '**File: src/a.ts**',
    '**File:** `src/a.ts`',
    'Filename: src/a.ts',
    'File path: src/a.ts',
    'New file: src/a.ts',
    'Updated file: `src/a.ts`',
    'Create `src/a.ts`:',
    'src/a.ts:',
    '`src/a.ts`:',
    '**src/a.ts**:',
    '**src/a.ts:**',
    '1. src/a.ts',
    '- `src/a.ts`',
    'src/a.ts (new file)',
    '`src/a.ts` (updated)',
    '### `src/a.ts` (modified):',
  ];
  it.each(labels)('may be a line like %s', (label) => {
    expect(files(`Here it is.\n\n${label}\n${block('x')}`)).toEqual({ 'src/a.ts': 'x\n' });
    expect(files(`${label}\n\n${block('x')}\nDone.`)).toEqual({ 'src/a.ts': 'x\n' });
  });

  const infos = [
    'ts src/a.ts',
    'typescript src/a.ts',
    'src/a.ts',
    './src/a.ts',
    'ts title="src/a.ts"',
    "ts title='src/a.ts'",
    'ts file=src/a.ts',
    'ts filename="src/a.ts"',
    'ts {path="src/a.ts"}',
    'ts:src/a.ts',
    'typescript:src/a.ts',
    'src/a.ts:1',
    'ts src/a.ts:1',
    '1:20:src/a.ts',
    'ts (src/a.ts)',
  ];
  it.each(infos)('may be in the fence: %s', (info) => {
    expect(files(`Here it is:\n${block('x', info)}`)).toEqual({ 'src/a.ts': 'x\n' });
  });

  it('may be a comment in the first line, which stays', () => {
    expect(files(block('// src/a.ts\nx'))).toEqual({ 'src/a.ts': '// src/a.ts\nx\n' });
    expect(files(block('# lib/a.py\nx', 'python'))).toEqual({ 'lib/a.py': '# lib/a.py\nx\n' });
  });

  it.each([
    'Makefile',
    'Dockerfile',
    '.gitignore',
    'app/[id]/page.tsx',
    'src/(group)/[...slug].ts',
    'src/__tests__/a.test.ts',
    '@types/x.d.ts',
  ])('may be unusual: %s', (path) => {
    expect(files(`${path}\n${block('x')}`)).toEqual({ [path]: 'x\n' });
  });

  it('may have blanks when it is quoted', () => {
    expect(files(`\`docs/my page.md\`\n${block('x')}`)).toEqual({ 'docs/my page.md': 'x\n' });
  });

  it('with blanks and without quotes is refused with the way to write it', () => {
    expect(faults(`docs/über uns.md\n${block('x')}`)).toContain('must stand in backticks');
    expect(faults(`For example:\n${block('x')}`)).not.toContain('backticks');
  });

  it('is never taken from a sentence: its block may be a mere example', () => {
    expect(faults(`This is how \`src/b.ts\` uses it:\n${block('x')}`)).toContain('no path');
    expect(faults(`For example:\n${block('x')}`)).toContain('no path');
  });

  it('is ambiguous when line and fence disagree', () => {
    expect(faults(`src/a.ts\n${block('x', 'ts src/b.ts')}`)).toContain('two paths');
  });

  it('with a line range is a part of a file, which would replace the whole', () => {
    expect(faults(block('x', '12:20:src/a.ts'))).toContain('begins at line 12');
    expect(faults(block('x', 'ts src/a.ts:12-20'))).toContain('part of the file');
  });
});

describe('a reply of a weak model', () => {
  it('has prose, several files and a summary', () => {
    const reply = `Sure! Here's the solution.\n\n### src/a.ts\n\n${block('a')}\nThis adds a.\n\n**src/b.ts**\n${block('b')}\n### Explanation\n- \`src/a.ts\`: adds a\n- Run the tests:\n\n\`\`\`bash\nnpm test\n\`\`\`\nLet me know!`;
    expect(files(reply)).toEqual({ 'src/a.ts': 'a\n', 'src/b.ts': 'b\n' });
  });

  it('has CRLF, a BOM, end tokens, no final newline', () => {
    expect(files('\uFEFFsrc/a.ts\r\n```ts\r\nx\r\ny\r\n```')).toEqual({ 'src/a.ts': 'x\ny\n' });
    expect(files('src/a.ts\n```ts\nx\n```<|im_end|>')).toEqual({ 'src/a.ts': 'x\n' });
    expect(files('src/a.ts\n```ts\nx\n```\n</s>\n')).toEqual({ 'src/a.ts': 'x\n' });
  });

  it('has thoughts before it, with drafts that are not the answer', () => {
    const draft = `src/draft.ts\n${block('no')}`;
    expect(files(`<think>\n${draft}</think>\n\nsrc/a.ts\n${block('x')}`)).toEqual({ 'src/a.ts': 'x\n' });
    expect(files(`Hm.\n${draft}\n</think>\n\nsrc/a.ts\n${block('x')}`)).toEqual({ 'src/a.ts': 'x\n' });
    expect(faults(`<think>\n${draft}`)).toContain('<think>');
  });

  it('counts lines of the whole reply in its faults, thoughts included', () => {
    const { faults: found } = parseReply(`<think>\nhm\n</think>\n\nText:\n${block('x')}`);
    expect(found[0]).toMatchObject({ line: 6, text: '```ts' });
  });

  it('indents a file that stands in a list', () => {
    expect(files('1. `src/a.ts`\n\n   ```ts\n   if (x) {\n     y();\n   }\n   ```\n')).toEqual({
      'src/a.ts': 'if (x) {\n  y();\n}\n',
    });
  });

  it('wraps its whole answer in one more block', () => {
    expect(files(`\`\`\`markdown\n### src/a.ts\n${block('x')}\n\`\`\``)).toEqual({ 'src/a.ts': 'x\n' });
    expect(files('````\nsrc/a.ts\n```ts\nx\n```\nDELETE src/b.ts\n````')).toEqual({
      'src/a.ts': 'x\n',
      'src/b.ts': 'delete',
    });
  });

  it('uses tildes, or longer fences', () => {
    expect(files('src/a.ts\n~~~ts\nx\n~~~\n')).toEqual({ 'src/a.ts': 'x\n' });
    expect(files('src/a.ts\n`````\nx\n```\ny\n`````\n')).toEqual({ 'src/a.ts': 'x\n```\ny\n' });
  });

  it('gives the same file twice in the same words', () => {
    expect(files(`a.ts\n${block('x')}\na.ts\n${block('x')}`)).toEqual({ 'a.ts': 'x\n' });
  });

  it('writes an empty file', () => {
    expect(files('src/a.ts\n```\n```\n')).toEqual({ 'src/a.ts': '' });
  });
});

describe('a markdown file in a reply', () => {
  const body = '# Title\n\n```sh\nnpm start\n```\n\nand\n\n```ts\nx\n```';
  it('may be in a longer fence', () => {
    expect(files(`README.md\n\`\`\`\`md\n${body}\n\`\`\`\`\n`)).toEqual({ 'README.md': `${body}\n` });
  });
  it('may be in a fence as long as its own, if they balance', () => {
    expect(files(`README.md\n\`\`\`md\n${body}\n\`\`\`\n`)).toEqual({ 'README.md': `${body}\n` });
  });
  it('is refused when its fences cannot be told apart', () => {
    expect(faults('README.md\n```md\n# Title\n\n```\nnpm start\n```\n\nend\n```\n')).toContain('no path');
  });
});

describe('a reply that is refused', () => {
  it.each([
    ['nothing at all', '', 'empty'],
    ['only blanks', ' \n\n', 'empty'],
    ['only prose', 'I have fixed the bug.', 'changes no file'],
    ['a file that is cut off', 'src/a.ts\n```ts\nconst x', 'never closed (file src/a.ts)'],
    ['a second file that is cut off', `a.ts\n${block('x')}\nb.ts\n\`\`\`ts\ny`, 'never closed (file b.ts)'],
    ['a forgotten closing fence', `a.ts\n\`\`\`ts\nx\n\nb.ts\n${block('y')}`, 'never closed (file a.ts)'],
    ['a block without a path', block('x'), 'no path'],
    ['two commands', `${block('ls', 'bash')}\n${block('pwd', 'bash')}`, 'exactly one command'],
    ['a diff', block('--- a/a.ts\n+++ b/a.ts', 'diff'), 'diff'],
    ['a diff with a path', `src/a.ts\n${block('-x\n+y', 'diff')}`, 'diff'],
    ['a file twice', `a.ts\n${block('x')}\na.ts\n${block('y')}`, 'twice'],
    ['a file written and deleted', `a.ts\n${block('x')}\nDELETE a.ts`, 'twice'],
    ['a claim and a change', `a.ts\n${block('x')}\nNOTHING TO CHANGE`, 'NOTHING TO CHANGE'],
  ])('has %s', (_, reply, what) => {
    expect(faults(reply)).toContain(what);
  });
});

describe('DELETE', () => {
  it.each([
    'DELETE src/a.ts',
    'DELETE `src/a.ts`',
    '**DELETE src/a.ts**',
    '- DELETE ./src/a.ts',
    'DELETE: src/a.ts',
  ])('is read from the line %s', (line) =>
    expect(files(`Old file.\n${line}\n`)).toEqual({ 'src/a.ts': 'delete' }),
  );
  it.each(['DELETE docs/my page.md', '- **DELETE docs/my page.md**', 'DELETE FILE: ./docs/my page.md'])(
    'with spaces and no quotes is a file only if there is one: %s',
    (line) => {
      const { edits, unsure, faults: none } = parseReply(`${line}\n`);
      expect({ edits, unsure, none }).toEqual({
        edits: [],
        unsure: [{ kind: 'delete', path: 'docs/my page.md', line: 1 }],
        none: [],
      });
    },
  );
  it.each(['DELETE `docs/my page.md`', 'DELETE "docs/my page.md"'])('in quotes is sure: %s', (line) =>
    expect(files(line)).toEqual({ 'docs/my page.md': 'delete' }),
  );
  it('is not read from prose', () => {
    expect(files(`DELETE requests are refused now.\na.ts\n${block('x')}`)).toEqual({ 'a.ts': 'x\n' });
  });
});

describe('NOTHING TO CHANGE', () => {
  it.each(['NOTHING TO CHANGE', '**NOTHING TO CHANGE**', 'NOTHING TO CHANGE.', '`NOTHING TO CHANGE`'])(
    'is claimed by the line %s',
    (line) =>
      expect(parseReply(`All is there.\n${line}\n`)).toMatchObject({ nothingToChange: true, faults: [] }),
  );
  it('is claimed inside a block of its own', () => {
    expect(parseReply('```\nNOTHING TO CHANGE\n```')).toMatchObject({ nothingToChange: true, faults: [] });
  });
  it('is not claimed in passing', () => {
    expect(faults('There is NOTHING TO CHANGE in b.ts.')).toContain('changes no file');
  });
});

describe('SEARCH/REPLACE', () => {
  const blocks = (reply: string): unknown => {
    const parsed = parseReply(reply);
    expect(parsed.faults).toEqual([]);
    return parsed.edits.map((edit) =>
      edit.kind === 'replace'
        ? [edit.path, ...edit.blocks.map(({ search, replace }) => `${search}→${replace}`)]
        : edit,
    );
  };
  const change = (search: string, replace: string): string =>
    `<<<<<<< SEARCH\n${search}\n=======\n${replace}\n>>>>>>> REPLACE\n`;

  it('stands in a fence, or without, or has its path inside or on its first line', () => {
    const expected = [['src/a.ts', 'x\n→y\n']];
    const one = change('x', 'y');
    expect(blocks(`src/a.ts\n\`\`\`ts\n${one}\`\`\`\n`)).toEqual(expected);
    expect(blocks(`\`\`\`ts src/a.ts\n${one}\`\`\`\n`)).toEqual(expected);
    expect(blocks(`src/a.ts\n${one}`)).toEqual(expected);
    expect(blocks(`\`\`\`\nsrc/a.ts\n${one}\`\`\`\n`)).toEqual(expected);
    expect(blocks(`\`\`\`\n${one.replace('SEARCH', 'SEARCH src/a.ts')}\`\`\`\n`)).toEqual(expected);
  });

  it('comes several to a file, in one fence or in several', () => {
    const expected = [['src/a.ts', 'x\n→y\n', 'v\n→w\n']];
    const [one, two] = [change('x', 'y'), change('v', 'w')];
    expect(blocks(`src/a.ts\n\`\`\`ts\n${one}\n${two}\`\`\`\n`)).toEqual(expected);
    expect(blocks(`src/a.ts\n\`\`\`ts\n${one}\`\`\`\nand\n\`\`\`ts\n${two}\`\`\`\n`)).toEqual(expected);
    expect(blocks(`src/a.ts\n\`\`\`ts\n${one}\`\`\`\nsrc/a.ts\n\`\`\`ts\n${two}\`\`\`\n`)).toEqual(expected);
  });

  it('has any number of signs, and may remove', () => {
    expect(blocks('a.ts\n<<<<< SEARCH\nx\n====\n>>>>>>>>> REPLACE\n')).toEqual([['a.ts', 'x\n→']]);
  });

  it('may hold fences and lines of equals signs', () => {
    expect(blocks(`README.md\n\`\`\`md\n${change('```sh\nx\n```', '```sh\ny\n```')}\`\`\`\n`)).toEqual([
      ['README.md', '```sh\nx\n```\n→```sh\ny\n```\n'],
    ]);
    expect(blocks(`a.md\n${change('Title\n=====', 'New\n===')}`)).toEqual([
      ['a.md', 'Title\n=====\n→New\n===\n'],
    ]);
  });

  it.each([
    ['no file', change('x', 'y'), 'which file'],
    ['no end', 'a.ts\n<<<<<<< SEARCH\nx\n=======\ny\n', 'no closing line'],
    ['no divider', 'a.ts\n<<<<<<< SEARCH\nx\n>>>>>>> REPLACE\n', 'no line `=======`'],
    ['two dividers', `a.ts\n${change('x', '=======\ny')}`, 'several lines'],
    ['a fence that is cut off', `a.ts\n\`\`\`ts\n${change('x', 'y')}`, 'never closed'],
    ['text around it in its fence', `a.ts\n\`\`\`ts\nimport z;\n${change('x', 'y')}\`\`\``, 'mixes'],
    ['text behind it in its fence', `a.ts\n\`\`\`ts\n${change('x', 'y')}import z;\n\`\`\``, 'belongs to no'],
    ['a whole file beside it', `a.ts\n${change('x', 'y')}\na.ts\n${block('z')}`, 'twice'],
  ])('is refused with %s', (_, reply, what) => {
    expect(faults(reply)).toContain(what);
  });
});
