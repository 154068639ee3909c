import { expect, test } from 'vitest';
import { indexPaths } from '../../../activities/map/imports.ts';
import { languageOf } from '../../../activities/map/languages.ts';

const targets = (paths: readonly string[], from: string, specifier: string): string[] => {
  const language = languageOf(from);
  if (language === undefined) return [];
  return indexPaths(paths)
    .targets(from, language, specifier)
    .map((at) => paths[at] ?? '');
};

test.each([
  ['src/a.ts', './b.js', ['src/b.ts']],
  ['src/a.ts', './lib', ['src/lib/index.ts']],
  ['src/lib/index.ts', '../b', ['src/b.ts']],
  ['src/a.ts', '@/lib/deep', ['src/lib/deep.tsx']],
  ['src/a.ts', 'react', []],
  ['src/a.ts', '../../../etc/passwd', []],
  ['app/main.py', '.models import User', ['app/models.py']],
  ['app/main.py', 'app.views import home, list', ['app/views/__init__.py', 'app/views/home.py']],
  ['app/main.py', 'os, app.models', ['app/models.py']],
  ['cmd/main.go', 'example.com/m/pkg/x', ['pkg/x/one.go', 'pkg/x/two.go']],
  ['src/main.rs', 'mod parse', ['src/parse.rs']],
  ['src/parse.rs', 'crate::eval::Value', ['src/eval/mod.rs']],
  ['java/src/p/A.java', 'p.q.B', ['java/src/p/q/B.java']],
  ['c/main.c', 'util/list.h', ['c/util/list.h']],
  ['lib/a.rb', 'thing/part', ['lib/thing/part.rb']],
  ['docs/index.md', '../src/a.ts', ['src/a.ts']],
])('%s finds %s', (from, specifier, found) => {
  const paths = [
    ...['src/a.ts', 'src/b.ts', 'src/lib/index.ts', 'src/lib/deep.tsx', 'app/main.py', 'app/models.py'],
    ...[
      'app/views/__init__.py',
      'app/views/home.py',
      'cmd/main.go',
      'pkg/x/one.go',
      'pkg/x/two.go',
      'pkg/x/x.md',
    ],
    ...[
      'src/main.rs',
      'src/parse.rs',
      'src/eval/mod.rs',
      'java/src/p/A.java',
      'java/src/p/q/B.java',
      'c/main.c',
    ],
    ...['c/util/list.h', 'lib/a.rb', 'lib/thing/part.rb', 'docs/index.md'],
  ];
  expect(targets(paths, from, specifier)).toEqual(found);
});

test('of several files that an import may mean, the nearest is meant', () => {
  const paths = ['one/util/log.h', 'two/main.c', 'two/util/log.h'];
  expect(targets(paths, 'two/main.c', 'util/log.h')).toEqual(['two/util/log.h']);
});
