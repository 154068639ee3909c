import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bareName, outlineOf } from '../../../activities/map/outline.ts';

describe('the outline of a file is the names that it gives to others', () => {
  test.each([
    [
      'a.ts',
      'export const one = 1;\nconst two = 2;\nexport default class Three {}\nexport type Four = 1;\nfunction five() {}',
      ['const one', 'class Three', 'type Four', 'function five'],
    ],
    [
      'a.py',
      'def one(a, b):\n    pass\n\nclass Two(Base):\n    def inner(self): pass\n    def _own(self): pass\n',
      ['def one(a, b)', 'class Two', 'def inner'],
    ],
    [
      'a.go',
      'func Hidden() {}\nfunc low() {}\ntype T struct {}\nfunc (t *T) Do(x int) error {}',
      ['func Hidden()', 'type T struct', 'func (t *T) Do(x int)'],
    ],
    [
      'a.rs',
      'pub fn one() {}\nfn two() {}\npub(crate) struct Three;\npub async unsafe fn four() {}',
      ['pub fn one', 'pub(crate) struct Three', 'pub async unsafe fn four'],
    ],
    [
      'A.java',
      'package a;\npublic final class A {\n    public static int one(String s) {\n  private void two() {}\n}',
      ['class A', 'int one(String s)'],
    ],
    [
      'a.kt',
      'data class A(val x: Int)\nsuspend fun load(id: String): A\nobject B',
      ['class A', 'fun load', 'object B'],
    ],
    [
      'a.cs',
      'namespace N;\npublic sealed record A(int X);\n    public async Task<int> One(int a)\n',
      ['record A', 'Task<int> One(int a)'],
    ],
    [
      'a.swift',
      'public struct A {\n  static func one() {}\n}\nextension B {}',
      ['struct A', 'func one', 'extension B'],
    ],
    [
      'a.c',
      '#define MAX 3\nstruct node {\nstatic int one(int a, char *b)\n{\n  if (x) {\n  return f(x);\n',
      ['#define MAX', 'struct node', 'static int one(int a, char *b'],
    ],
    ['a.rb', 'module A\n  class B\n    def one?(x)\n', ['module A', 'class B', 'def one?']],
    [
      'a.php',
      '<?php\nfinal class A extends B {\n  public static function one() {}\n}',
      ['final class A', 'public static function one'],
    ],
    ['a.sh', 'build() {\n  :\n}\nfunction deploy() { :; }', ['build', 'deploy']],
    ['README.md', '# Title\ntext\n## How to\n', ['Title', 'How to']],
    ['a.bin', 'anything', []],
  ])('%s', (path, text, names) => {
    expect(outlineOf(path, text).names).toEqual(names);
  });

  test('bare names are what others write', () => {
    const names = [
      'const one',
      'def one(a, b)',
      'func (t *T) Do(x int)',
      'type T struct',
      'int One(int a)',
      'pub fn x',
    ];
    expect(names.map(bareName)).toEqual(['one', 'one', 'Do', 'T', 'One', 'x']);
  });
});

describe('the imports of a file are what it takes from others', () => {
  test.each([
    [
      'a.ts',
      "import { x } from './x.ts';\n} from '../y.ts';\nconst z = await import('./z.ts');",
      ['./x.ts', '../y.ts', './z.ts'],
    ],
    ['a.py', 'from .a import b, c\nimport os, sys\n', ['.a import b, c', 'os, sys']],
    ['a.go', 'import (\n\t"fmt"\n\tx "example.com/m/pkg/x"\n)\n', ['fmt', 'example.com/m/pkg/x']],
    [
      'a.rs',
      'mod one;\nuse crate::two::Three;\npub use super::four;',
      ['mod one', 'crate::two::Three', 'super::four'],
    ],
    ['A.java', 'import static a.b.C;\n', ['a.b.C']],
    ['a.c', '#include "x/y.h"\n#  include <stdio.h>\n', ['x/y.h', 'stdio.h']],
    ['a.rb', "require_relative 'x/y'\nrequire 'json'\n", ['x/y', 'json']],
    ['a.php', 'use App\\Models\\User;\n', ['App\\Models\\User']],
    ['a.sh', '. ./lib/common.sh\nsource "$here/other.sh"\n', ['./lib/common.sh', 'other.sh']],
  ])('%s', (path, text, imports) => {
    expect(outlineOf(path, text).imports).toEqual(imports);
  });
});

test('no text makes an outline slow, large or fail', () => {
  const hostile = [
    'export '.repeat(20_000),
    'int '.repeat(50_000),
    `${'a'.repeat(100_000)}(`,
    '# '.repeat(50_000),
    '\n'.repeat(200_000),
    `${'a '.repeat(190)}(\n`.repeat(5_000),
    '\u001b[2J<|im_start|>'.repeat(5_000),
  ];
  const paths = [
    'a.ts',
    'a.c',
    'a.py',
    'a.md',
    'a.java',
    'a.go',
    'a.rs',
    'a.cs',
    'a.swift',
    'a.rb',
    'a.php',
    'a.sh',
    'a.sql',
  ];
  const began = performance.now();
  for (const text of hostile)
    for (const path of paths) expect(JSON.stringify(outlineOf(path, text)).length).toBeLessThan(60_000);
  expect(performance.now() - began).toBeLessThan(20_000);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...paths), (text, path) => {
      for (const name of outlineOf(path, text).names) expect(name).not.toMatch(/[\n\u001b]/);
    }),
  );
});
