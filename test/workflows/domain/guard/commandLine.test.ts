import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filledLine, placeholderFault } from '../../../../workflows/domain/guard/commandLine.ts';

test('G9: whatever paths hold, each is one word of the command and no option', () => {
  const path = fc
    .string({ minLength: 1, maxLength: 12, unit: 'binary' })
    .filter((text) => !text.includes('\0'));
  const odd = fc.constantFrom(
    "a'b",
    '$(touch x)',
    '-rf',
    '~',
    '~root/x',
    'a b',
    '`x`',
    'a\nb',
    '{files}',
    '"',
    '\\',
    '*',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(path, odd), { minLength: 1, maxLength: 6 }), (paths) => {
      const line = filledLine("printf '%s\\0' {files}", { files: paths }) ?? '';
      const words = execFileSync('sh', ['-c', line], { encoding: 'utf8' }).split('\0').slice(0, -1);
      // What is no valid UTF-16 cannot be an argument of a process as it is.
      const plain = (text: string): string => Buffer.from(text).toString('utf8');
      expect(words).toEqual(paths.map((one) => plain(/^[-~]/.test(one) ? `./${one}` : one)));
    }),
    { numRuns: 60 },
  );
});

test('a line has an end, whatever it is filled with', () => {
  const files = Array.from({ length: 9_000 }, (_, at) => `src/file-${at}.ts`);
  const line = filledLine('fmt {files} && fmt {files}', { files }) ?? '';
  expect(line.length).toBeLessThan(60_100);
  expect(line.startsWith('fmt src/file-0.ts src/file-1.ts ')).toBe(true);
});

test('G10: what is no sound line is said plainly', () => {
  expect(placeholderFault('npx prettier --write {files}', ['files'])).toBeUndefined();
  expect(placeholderFault('npm run format', ['files'])).toBeUndefined();
  expect(placeholderFault('echo ${files} {a,b} {}', ['files'])).toBeUndefined();
  expect(placeholderFault('fmt {file}', ['files'])).toBe(
    'has {file}, which is filled with nothing here: write {files}',
  );
  expect(placeholderFault('go test', ['tests', 'folders'], true)).toBe('lacks {tests} or {folders}');
  for (const line of ["fmt '{files}'", 'fmt "{files}"', `sh -c 'fmt "a" {files}'`, 'echo \\" "{files}"'])
    expect(placeholderFault(line, ['files'])).toMatch(/inside quotes/);
  expect(placeholderFault(`echo "it's" {files}`, ['files'])).toBeUndefined();
});

test('a placeholder may ask for some endings; a line of nothing but empty ones is not run', () => {
  const files = ['a.go', 'b.md', 'c.py', 'd.pyi', 'go'];
  expect(filledLine('gofmt -w {files:go}', { files })).toBe('gofmt -w a.go');
  expect(filledLine('fmt {files:py,pyi}; all {files}', { files })).toBe(
    'fmt c.py d.pyi; all a.go b.md c.py d.pyi go',
  );
  expect(filledLine('rustfmt {files:rs}', { files })).toBeUndefined();
  expect(filledLine('cargo fmt', { files })).toBe('cargo fmt');
  expect(placeholderFault('gofmt -w {files:go}', ['files'])).toBeUndefined();
  expect(placeholderFault('gofmt -w {file:go}', ['files'])).toMatch(/^has \{file\}/);
});
