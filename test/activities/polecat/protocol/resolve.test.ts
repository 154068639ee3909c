import { describe, expect, it } from 'vitest';
import type { Edit } from '../../../../activities/polecat/protocol/edit.ts';
import { isPlaceholder } from '../../../../activities/polecat/protocol/placeholder.ts';
import { resolveEdit } from '../../../../activities/polecat/protocol/resolve.ts';

const change = (search: string, replace: string, ...more: string[]): Edit => ({
  kind: 'replace',
  path: 'a.ts',
  line: 1,
  blocks: [
    { search, replace, line: 1 },
    ...(more.length === 2 ? [{ search: more[0] ?? '', replace: more[1] ?? '', line: 9 }] : []),
  ],
});
const write = (content: string): Edit => ({ kind: 'write', path: 'a.ts', line: 1, content });
const after = (edit: Edit, before: string | undefined): string | undefined => {
  const resolved = resolveEdit(edit, before);
  expect(resolved.fault).toBeUndefined();
  return resolved.fault === undefined ? resolved.after : undefined;
};

describe('SEARCH/REPLACE on a file', () => {
  const file = 'one\n  two\n    three\nfour\n';
  it('replaces lines that are found once', () => {
    expect(after(change('  two\n', '  zwei\n'), file)).toBe('one\n  zwei\n    three\nfour\n');
    expect(after(change('one\n', '', 'four\n', 'five\n'), file)).toBe('  two\n    three\nfive\n');
  });
  it('forgives trailing blanks and blank lines around', () => {
    expect(after(change('\n  two  \n\n', '\n  zwei\n\n'), file)).toBe('one\n  zwei\n    three\nfour\n');
  });
  it('forgives an indent that is wrong by the same amount everywhere, and keeps the file’s', () => {
    expect(after(change('two\n  three\n', 'two\n  drei\n'), file)).toBe('one\n  two\n    drei\nfour\n');
    expect(after(change('      two\n        three\n', '      zwei\n'), file)).toBe('one\n  zwei\nfour\n');
  });
  it('never matches a part of a line', () => {
    expect(resolveEdit(change('thr\n', 'x\n'), file).fault?.what).toContain('not in the file');
  });
  it('keeps CRLF, a BOM and a missing final newline', () => {
    expect(after(change('b\n', 'x\ny\n'), '\uFEFFa\r\nb\r\n')).toBe('\uFEFFa\r\nx\r\ny\r\n');
    expect(after(change('a\n', 'x\n'), 'a\nb')).toBe('x\nb');
    expect(after(write('x\ny\n'), 'a\r\nb\r\n')).toBe('x\r\ny\r\n');
  });
  it('creates a file from an empty SEARCH', () => {
    expect(after(change('', 'x\n'), undefined)).toBe('x\n');
    expect(resolveEdit(change('', 'x\n'), file).fault?.what).toContain('SEARCH text is empty');
  });
  it('says where the nearest lines are when nothing is found', () => {
    const long = Array.from({ length: 100 }, (_, at) => `const value${at} = compute(${at});`).join('\n');
    const { fault } = resolveEdit(
      change('const value50 = compute(fifty);\nconst value51 = compute(51);\n', 'x\n'),
      long,
    );
    expect(fault?.what).toContain('not in the file');
    expect(fault?.near).toContain('51| const value50 = compute(50);');
    expect(fault?.near?.split('\n').length).toBeLessThan(10);
  });
  it('says where all the places are when several are found', () => {
    const { fault } = resolveEdit(change('x\n', 'y\n'), 'x\nz\nx\n');
    expect(fault?.what).toContain('2 times in the file, at lines 1, 3');
  });
  it('needs the file', () => {
    expect(resolveEdit(change('x\n', 'y\n'), undefined).fault?.what).toContain('no such file');
    expect(resolveEdit({ kind: 'delete', path: 'a', line: 1 }, undefined).fault?.what).toContain(
      'does not exist',
    );
  });
});

describe('text that a model left out', () => {
  it.each([
    '// ... existing code ...',
    '  // ... rest of the file unchanged ...',
    '# ... rest of file unchanged',
    '// … (unchanged)',
    '/* ... existing imports ... */',
    '<!-- ... rest of the page ... -->',
    '{/* ... existing JSX ... */}',
    '// rest of the code remains the same',
    '// The rest of the file',
    '// Rest of your implementation here',
    '# (existing code)',
    '// other methods remain unchanged',
    '... rest of the code ...',
    '// Keep existing code as is',
    '-- ... same as before',
    '// ...',
    '/* ... */',
    '# … (kept)',
    '// (unchanged)',
    '// code omitted for brevity',
    '// --- snip ---',
    '# ...include original method body...',
    '// Your code here',
    '// Keep everything else as is',
    '# Continue with existing logic',
  ])('is recognised: %s', (line) => expect(isPlaceholder(line)).toBe(true));
  it.each([
    'const rest = [...existing];',
    '...',
    '    ...',
    'return { ...rest, same };',
    '// see above',
    '// Takes the rest of the arguments.',
    '// Loading... the same spinner is used everywhere'.replace('same', 'usual').replace('... the', ', the'),
    'const [first, ...rest] = before;',
    '// keeps the same order',
    '* the rest is read later',
    'print("... rest ...")',
    '- The rest of the file is read lazily.',
    '// unchanged lines are kept',
    '// existing users keep their id',
    '# remaining time in ms',
    '# --- omitted fields default to None',
    '// wait... then retry',
  ])('is not seen in code: %s', (line) => expect(isPlaceholder(line)).toBe(false));
  it('may be a part of an example in a document', () => {
    expect(resolveEdit({ ...write('```js\n// ...\n```\n'), path: 'a.md' }, undefined).fault).toBeUndefined();
    expect(resolveEdit(write('a\n// ...\n'), undefined).fault).toBeDefined();
  });
  it('is refused, unless the file had that line before', () => {
    expect(resolveEdit(write('a\n// ... existing code ...\n'), 'a\nb\n').fault).toMatchObject({
      text: '// ... existing code ...',
      line: 3,
    });
    expect(after(write('x\n// ... existing code ...\n'), 'a\n// ... existing code ...\n')).toContain('x');
  });
});
