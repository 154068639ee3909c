import { describe, expect, it } from 'vitest';
import { shortcutIn } from '../../../../workflows/domain/guard/shortcut.ts';

describe('G3: shortcuts to green checks', () => {
  it.each([
    ['src/a.js', 'export const a = 1;\nprocess.exit(0);\n', 'ends the whole process'],
    ['src/a.ts', 'process.exit()', 'ends the whole process'],
    ['a.py', 'import os\nos._exit(0)\n', 'ends the whole process'],
    ['a.py', 'import sys\nsys.exit(0)\n', 'ends the whole process'],
    ['a.py', 'raise SystemExit(0)\n', 'ends the whole process'],
    ['src/a.c', 'void f(void) { exit(EXIT_SUCCESS); }', 'ends the whole process'],
    ['a.py', 'class A:\n    def __eq__(self, other):\n        return True\n', 'equals everything'],
    ['a.py', 'if "unittest" in sys.modules:\n    return 3\n', 'asks whether it is being tested'],
    ['src/a.js', 'if (process.env.NODE_TEST_CONTEXT) return 3;', 'asks whether it is being tested'],
    ['tests/__init__.py', 'def load_tests(*args):\n    return []\n', 'changes how the tests run'],
    ['a.py', 'unittest.TestCase.assertEqual = lambda *a: None\n', 'changes how the tests run'],
    ['src/a.js', 'assert.strict.equal = () => {};\n', 'changes how the tests run'],
    ['unittest.py', 'def main(): pass\n', 'take the place of the test runner'],
    ['pytest/__init__.py', '', 'test runner'],
  ])('%s is refused with %j', (path, text, what) => {
    expect(shortcutIn(path, undefined, text)).toContain(what);
  });

  it.each([
    ['bin/a.js', 'process.exit(0);\n'],
    ['src/main.c', 'int main(void) { exit(0); }\n'],
    ['count.py', 'if __name__ == "__main__":\n    sys.exit(0)\n'],
    ['count.py', 'sys.exit(main())\n'],
    ['src/a.js', 'process.exit(2);\n'],
    ['src/a.js', '// process.exit(0)\n'],
    ['a.py', 'class A:\n    def __eq__(self, other):\n        return self.x == other.x\n'],
    ['test_a.py', 'class A(unittest.TestCase):\n    x = unittest.mock\n'],
    ['src/a.js', 'const same = assert.equal;\nif (assert.equal === x) y();\n'],
    ['README.md', 'process.exit(0)\n'],
  ])('%s is let be with %j', (path, text) => {
    expect(shortcutIn(path, undefined, text)).toBeUndefined();
  });

  it('are let be where they were before, and where the task asks for them', () => {
    const text = 'process.exit(0);\n';
    expect(shortcutIn('src/a.js', text, `${text}// more\n`)).toBeUndefined();
    expect(shortcutIn('src/a.js', text, `${text}${text}`)).toBeDefined();
    expect(shortcutIn('src/a.js', undefined, text, 'Shut down with status 0 on SIGTERM.')).toBeUndefined();
  });
});
