/** A small repository of one language, and a plan of two beads for it with the replies that a model would give. */
export interface SmallRepository {
  readonly language: string;
  readonly files: Readonly<Record<string, string>>;
  readonly beads: readonly {
    readonly id: string;
    readonly needs?: readonly string[];
    readonly reply: Readonly<Record<string, string>>;
  }[];
}

/** Three that need nothing but what is on most machines: no packages, no network. */
export const smallRepositories: readonly SmallRepository[] = [
  {
    language: 'javascript',
    files: {
      'package.json':
        '{\n  "name": "sums",\n  "type": "module",\n  "scripts": { "test": "node --test" }\n}\n',
      'src/sum.js': 'export const sum = (a, b) => a + b;\n',
      'test/sum.test.js':
        "import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { sum } from '../src/sum.js';\n\ntest('sums', () => assert.equal(sum(1, 2), 3));\n",
    },
    beads: [
      {
        id: 'product',
        reply: {
          'src/product.js': 'export const product = (a, b) => a * b;\n',
          'test/product.test.js':
            "import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { product } from '../src/product.js';\n\ntest('multiplies', () => assert.equal(product(2, 3), 6));\n",
        },
      },
      {
        id: 'square',
        needs: ['product'],
        reply: {
          'src/square.js':
            "import { product } from './product.js';\n\nexport const square = (a) => product(a, a);\n",
          'test/square.test.js':
            "import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { square } from '../src/square.js';\n\ntest('squares', () => assert.equal(square(3), 9));\n",
        },
      },
    ],
  },
  {
    language: 'python',
    files: {
      'pyproject.toml': '[project]\nname = "sums"\nversion = "0.1.0"\n',
      '.gitignore': '__pycache__/\n',
      'sums/__init__.py': 'def add(a, b):\n    return a + b\n',
      'tests/__init__.py': '',
      'tests/test_add.py':
        'import unittest\n\nfrom sums import add\n\n\nclass Add(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(add(1, 2), 3)\n',
    },
    beads: [
      {
        id: 'product',
        reply: {
          'sums/product.py': 'def product(a, b):\n    return a * b\n',
          'tests/test_product.py':
            'import unittest\n\nfrom sums.product import product\n\n\nclass Product(unittest.TestCase):\n    def test_multiplies(self):\n        self.assertEqual(product(2, 3), 6)\n',
        },
      },
      {
        id: 'square',
        needs: ['product'],
        reply: {
          'sums/square.py':
            'from sums.product import product\n\n\ndef square(a):\n    return product(a, a)\n',
          'tests/test_square.py':
            'import unittest\n\nfrom sums.square import square\n\n\nclass Square(unittest.TestCase):\n    def test_squares(self):\n        self.assertEqual(square(3), 9)\n',
        },
      },
    ],
  },
  {
    language: 'c',
    files: {
      Makefile:
        'test: check\n\t./check\n\ncheck: check.c $(wildcard *.h)\n\tcc -Wall -Werror -o check check.c\n',
      '.gitignore': 'check\n',
      'sum.h': 'static inline int sum(int a, int b) { return a + b; }\n',
      'check.c':
        '#include <assert.h>\n#include "sum.h"\n\nint main(void) {\n  assert(sum(1, 2) == 3);\n  return 0;\n}\n',
    },
    beads: [
      {
        id: 'product',
        reply: { 'product.h': 'static inline int product(int a, int b) { return a * b; }\n' },
      },
      {
        id: 'square',
        needs: ['product'],
        reply: {
          'check.c':
            '#include <assert.h>\n#include "product.h"\n#include "sum.h"\n\nint main(void) {\n  assert(sum(1, 2) == 3);\n  assert(product(3, 3) == 9);\n  return 0;\n}\n',
        },
      },
    ],
  },
];
