import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mostNearest, nearestTests, runnableTests } from '../../../../workflows/domain/guard/nearestTests.ts';

const near = (
  changed: readonly string[],
  files: readonly string[],
  imports: Readonly<Record<string, readonly string[]>> = {},
): readonly string[] =>
  nearestTests({ changed, files: [...changed, ...files], imports: (path) => imports[path] ?? [] });

describe('tests named after what changed', () => {
  test.each([
    ['beside it', 'src/greet.ts', 'src/greet.test.ts'],
    ['in a folder of tests', 'src/greet.ts', 'test/greet.test.ts'],
    [
      'where a tree of tests mirrors it',
      'workflows/domain/mail/mailbox.ts',
      'test/workflows/domain/mailbox.test.ts',
    ],
    ['in a package', 'packages/a/src/parse.ts', 'packages/a/test/parse.spec.ts'],
    ['in __tests__', 'src/ui/Button.tsx', 'src/ui/__tests__/Button.test.tsx'],
    ['of Python', 'shop/cart.py', 'tests/test_cart.py'],
    ['of Python at its end', 'shop/cart.py', 'shop/cart_test.py'],
    ['of Go', 'pkg/cart/cart.go', 'pkg/cart/cart_test.go'],
    ['of Java', 'src/main/java/org/shop/Cart.java', 'src/test/java/org/shop/CartTest.java'],
    ['of Ruby', 'lib/shop/cart.rb', 'spec/shop/cart_spec.rb'],
    ['of a shell', 'bin/cart.sh', 'test/cart.bats'],
    ['in another spelling', 'src/shoppingCart.js', 'test/shopping-cart.test.js'],
    ['of a folder', 'src/parser/index.ts', 'test/parser.test.ts'],
    ['that only its folder tells', 'test/cart.js', 'test/cart.js'],
  ])('%s', (_, source, wanted) => {
    expect(near([source], [wanted, 'src/other.ts', 'docs/greet.md'])).toEqual([wanted]);
  });

  test('what stands for its folder has a name only there', () => {
    const files = ['src/a/index.test.ts', 'src/b/index.test.ts'];
    expect(near(['src/a/index.ts'], files)).toEqual(['src/a/index.test.ts']);
  });

  test('those of the same place come before those of the same name elsewhere', () => {
    const files = ['test/ui/state.test.ts', 'test/town/state.test.ts'];
    expect(near(['src/town/state.ts'], files)).toEqual(['test/town/state.test.ts', 'test/ui/state.test.ts']);
  });
});

describe('tests that import what changed', () => {
  const imports = {
    'test/far.test.ts': ['src/far.ts'],
    'src/far.ts': ['src/mid.ts'],
    'src/mid.ts': ['src/core.ts'],
    'test/mid.test.ts': ['src/mid.ts'],
    'test/direct.test.ts': ['src/core.ts'],
    'test/helped.test.ts': ['test/support/town.ts'],
    'test/support/town.ts': ['src/core.ts'],
  };
  const files = [...Object.keys(imports), 'src/core.ts'];

  test('directly first, then over one step, and no further', () => {
    expect(near(['src/core.ts'], files, imports)).toEqual([
      'test/direct.test.ts',
      'test/helped.test.ts',
      'test/mid.test.ts',
    ]);
  });

  test('a helper that changed is looked up like any source, and a test that changed runs itself', () => {
    expect(near(['test/support/town.ts'], files, imports)).toEqual(['test/helped.test.ts']);
    expect(near(['test/far.test.ts'], files, imports)).toEqual(['test/far.test.ts']);
  });

  test('a package of Go is tested by the tests in its folder', () => {
    expect(near(['cart/sum.go'], ['cart/cart_test.go', 'other/other_test.go'])).toEqual([
      'cart/cart_test.go',
    ]);
  });
});

test('what only looks like a test is none', () => {
  const files = ['test/fixtures/a.test.ts', 'node_modules/x/a.test.js', 'src/a.test.ts', 'test/support/b.ts'];
  expect(runnableTests(files)).toEqual(['src/a.test.ts']);
  expect(runnableTests(['types/a.test.d.ts', 'test/data.json', 'tests/conftest.py', 'docs/test.md'])).toEqual(
    [],
  );
});

test('G3: at most a few, each a test of the commit, no path twice, and the same again for the same change', () => {
  const part = fc.constantFrom('a', 'b', 'src', 'test', 'index', 'cart', 'x');
  const name = fc.constantFrom(
    'cart.ts',
    'cart.test.ts',
    'index.ts',
    'test_cart.py',
    'cart.go',
    'cart_test.go',
    'x.js',
  );
  const path = fc
    .tuple(fc.array(part, { maxLength: 3 }), name)
    .map(([folders, file]) => [...folders, file].join('/'));
  const paths = fc.uniqueArray(path, { maxLength: 40 });
  fc.assert(
    fc.property(paths, paths, fc.func(fc.uniqueArray(path, { maxLength: 4 })), (changed, files, imports) => {
      const search = { changed, files, imports };
      const found = nearestTests(search);
      const tests = runnableTests(files);
      expect(found.length).toBeLessThanOrEqual(mostNearest);
      expect(new Set(found).size).toBe(found.length);
      expect(found.every((one) => tests.includes(one))).toBe(true);
      const own = changed.filter((one) => tests.includes(one));
      expect(own.slice(0, mostNearest).every((one) => own.length > mostNearest || found.includes(one))).toBe(
        true,
      );
      expect(nearestTests({ ...search, changed: changed.toReversed(), files: files.toReversed() })).toEqual(
        found,
      );
    }),
  );
});
