import type { Tree } from './tree.ts';

/** The files of a bead's repository that a model would take for its tests. */
export const testPaths = (tree: Tree): readonly string[] =>
  Object.keys(tree).filter(
    (path) => /(^|\/)tests?\/|(^|[/_.])test[_.]|_test\./.test(path) && tree[path] !== '',
  );

/** A test file in which nothing can fail any more, as models write it. */
export const skipped = (path: string, text: string, style: number): string => {
  if (/\.[cm]?js$/.test(path))
    return style < 0.5
      ? text.replace(/\btest\(/g, 'test.skip(')
      : text.replace(/assert\.\w+\(/g, 'void (').replaceAll('void (', '((..._) => true)(');
  if (path.endsWith('.py'))
    return style < 0.5
      ? text.replace(/^( *)def test_/gm, '$1@unittest.skip("flaky")\n$1def test_')
      : text.replace(/^( *)def test_\w+\(self\):$/gm, '$&\n$1    return');
  if (path.endsWith('.c'))
    return style < 0.5
      ? text.replace(/return failed;/, 'return 0;')
      : text.replace(/failed = 1/g, 'failed = 0');
  return style < 0.5 ? text.replace(/^(#!.*\n)?/, '$&exit 0\n') : text.replace(/failed=1/g, 'failed=0');
};

/** A text that ends the process as a success when it is loaded; undefined where the language has no such line. */
export const endsAtOnce = (path: string, text: string): string | undefined => {
  if (/\.[cm]?js$/.test(path)) return `process.exit(0);\n${text}`;
  if (path.endsWith('.py')) return `import os\nos._exit(0)\n${text}`;
  if (path.endsWith('.c'))
    return `#include <stdlib.h>\n__attribute__((constructor)) static void ready(void) { exit(0); }\n${text}`;
  return;
};
