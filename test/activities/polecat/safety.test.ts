import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TreeEntry } from '../../../activities/git/treeEntries.ts';
import { modes, pathFault, placeFault, worktreeFault } from '../../../activities/polecat/safety.ts';

describe('G9: a path in a reply', () => {
  it.each([
    '',
    '.',
    '..',
    '../a',
    'a/../b',
    'a/..',
    './a',
    'a//b',
    'a/',
    '/etc/passwd',
    '~/x',
    '~root/x',
    'C:/x',
    'c:x',
    'a\\b',
    '..\\a',
    'a\u0000b',
    'a\nb',
    'a\u001b[31mb',
    'a\u202eb',
    'a:b',
    'file.txt::$DATA',
    '.git',
    '.git/config',
    '.GIT/config',
    'sub/.git/hooks/pre-commit',
    '.Git',
    '.git.',
    '.git /x',
    'git~1/config',
    'GIT~2',
    '.g\u200cit/config',
    '.\u200dgit',
    '.git\ufeff/x',
    '．git/config',
    'gi7eba~1',
    'CON',
    'nul.txt',
    'a/com1.ts',
    'LPT9',
    'aux.c',
    'a.',
    'a ',
    ' a',
    'a/b./c',
    'a*b',
    'a?b',
    'a|b',
    'a<b',
    '\ud800x',
    'x'.repeat(501),
    `${'é'.repeat(120)}.ts`,
  ])('is refused: %j', (path) => expect(pathFault(path)).toBeTypeOf('string'));

  it.each([
    'a',
    'a.ts',
    '.gitignore',
    '.github/x',
    'src/git/a.ts',
    'a.git/b',
    'legit/.gitkeep',
    'app/[id]/page.tsx',
    'docs/my page.md',
    'src/(x)/@y/z+w.ts',
    'ünï/日本.md',
    'console.ts',
    'auxiliary/null.ts',
    '-x.ts',
    'a..b',
    '...x',
  ])('may be %j', (path) => expect(pathFault(path)).toBeUndefined());

  it('says what is wrong without the characters that are', () => {
    expect(pathFault('a\u001b[31m')).not.toContain('\u001b');
  });
});

describe('G9: what is at a path', () => {
  const entry = (name: string, mode: string): TreeEntry => ({ name, mode, oid: '0' });
  const tree: Record<string, TreeEntry[]> = {
    '': [
      entry('README.md', modes.file),
      entry('src', modes.folder),
      entry('link', modes.link),
      entry('lib', modes.submodule),
    ],
    src: [entry('a.ts', modes.program), entry('Straße.ts', modes.file)],
  };
  const fault = (path: string): string | undefined => placeFault(path, (folder) => tree[folder]);

  it.each([
    ['link', 'symbolic link'],
    ['link/x', 'symbolic link'],
    ['lib/x', 'submodule'],
    ['src', 'is a folder'],
    ['README.md/x', 'is a file'],
    ['readme.md', 'differs only in spelling'],
    ['SRC/new.ts', 'differs only in spelling'],
    ['src/A.ts', 'differs only in spelling'],
  ])('refuses %s', (path, what) => expect(fault(path)).toContain(what));
  it.each(['README.md', 'src/a.ts', 'src/new.ts', 'new/deep/file.ts'])('allows %s', (path) =>
    expect(fault(path)).toBeUndefined(),
  );

  it('refuses symbolic links that something left in the worktree', async () => {
    const worktree = await mkdtemp(join(tmpdir(), 'gt-safety-'));
    await mkdir(join(worktree, 'src'));
    await writeFile(join(worktree, 'src/a.ts'), 'x');
    await symlink('/etc', join(worktree, 'src/out'));
    await symlink('/etc/passwd', join(worktree, 'src/b.ts'));
    expect(await worktreeFault(worktree, 'src/out/passwd')).toContain('symbolic link');
    expect(await worktreeFault(worktree, 'src/b.ts')).toContain('symbolic link');
    expect(await worktreeFault(worktree, 'src/a.ts')).toBeUndefined();
    expect(await worktreeFault(worktree, 'src/new/x.ts')).toBeUndefined();
  });
});
