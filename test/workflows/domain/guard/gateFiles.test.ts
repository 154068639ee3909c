import { describe, expect, test } from 'vitest';
import { changesGates } from '../../../../workflows/domain/guard/gateFiles.ts';

const pkg = (extra: object): string =>
  JSON.stringify({ name: 'x', version: '1.0.0', scripts: { test: 'node --test' }, ...extra });

describe('G9: a reply does not change the gates', () => {
  test.each([
    '.github/workflows/ci.yml',
    '.GitHub/workflows/ci.yml',
    './.gitlab-ci.yml',
    '.ci/run',
    'Jenkinsfile',
    '.husky/pre-commit',
    'lefthook.yml',
    '.pre-commit-config.yaml',
    'vitest.config.ts',
    'packages/a/jest.config.cjs',
    'pytest.ini',
    'tests/conftest.py',
    '.mocharc.json',
    'playwright.config.ts',
    'Makefile',
    '.eslintrc.json',
    'eslint.config.mjs',
    'biome.json',
    '.oxlintrc.json',
    'tsconfig.json',
    'tsconfig.build.json',
    '.golangci.yml',
    '.cargo/config.toml',
    'gastown.yaml',
    '.gitattributes',
    '.gitmodules',
    '.npmrc',
  ])('%s is protected, made, changed or deleted', (path) => {
    expect(changesGates(path, undefined, 'a')).toContain(path);
    expect(changesGates(path, 'a', 'b')).toContain(path);
    expect(changesGates(path, 'a', undefined)).toContain(path);
    expect(changesGates(path, 'a', 'a')).toBeUndefined();
  });

  test.each([
    'src/index.ts',
    'README.md',
    'test/sum.test.ts',
    'src/config.ts',
    'docs/github/x.md',
    'jest.ts',
    'go.mod',
  ])('%s is free', (path) => {
    expect(changesGates(path, undefined, 'a')).toBeUndefined();
    expect(changesGates(path, 'a', 'b')).toBeUndefined();
  });

  test('package.json: dependencies may change, scripts and test configuration may not', () => {
    const before = pkg({});
    expect(changesGates('package.json', before, pkg({ dependencies: { zod: '4' } }))).toBeUndefined();
    expect(changesGates('package.json', before, JSON.stringify(JSON.parse(before), null, 4))).toBeUndefined();
    expect(changesGates('package.json', before, pkg({ scripts: { test: 'true' } }))).toMatch(/scripts/);
    expect(changesGates('package.json', before, pkg({ jest: { testMatch: [] } }))).toBeDefined();
    expect(changesGates('package.json', before, pkg({ packageManager: 'npm@1' }))).toBeDefined();
    expect(changesGates('package.json', before, '{')).toBeDefined();
    expect(changesGates('package.json', before, undefined)).toBeDefined();
    expect(changesGates('lib/package.json', undefined, '{"type":"module"}')).toBeUndefined();
    expect(changesGates('lib/package.json', undefined, pkg({}))).toBeDefined();
  });

  test('package.json: a key given twice counts as the package manager reads it', () => {
    const twice = '{"scripts":{"test":"node --test"},"scripts":{"test":"true"}}';
    expect(changesGates('package.json', '{"scripts":{"test":"node --test"}}', twice)).toBeDefined();
  });

  test('pyproject.toml: the project may change, tool sections and plugins may not', () => {
    const before = '[project]\nname = "x"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n';
    const more = before.replace('name = "x"', 'name = "x"\ndependencies = ["a"]');
    expect(changesGates('pyproject.toml', before, more)).toBeUndefined();
    expect(changesGates('pyproject.toml', before, before.replace('-q', '-q --co'))).toBeDefined();
    expect(
      changesGates('pyproject.toml', before, `${before}[ "tool" . mypy]\nstrict = false\n`),
    ).toBeDefined();
    expect(changesGates('pyproject.toml', before, `tool.ruff.select = []\n${before}`)).toBeDefined();
    expect(
      changesGates('pyproject.toml', before, before.replace('\n\n', '\nentry-points.pytest11.a = "b"\n\n')),
    ).toBeDefined();
    // Pretending that the tool section has ended.
    expect(
      changesGates('pyproject.toml', before, before.replace('addopts', '[project.urls]\naddopts')),
    ).toBeDefined();
  });

  test('Cargo.toml and setup.cfg: dependencies may change, lints and tools may not', () => {
    const cargo = '[package]\nname = "x"\n[dependencies]\n[lints.rust]\nunsafe_code = "forbid"\n';
    expect(changesGates('Cargo.toml', cargo, cargo.replace('[lints', 'serde = "1"\n[lints'))).toBeUndefined();
    expect(changesGates('Cargo.toml', cargo, cargo.replace('forbid', 'allow'))).toBeDefined();
    expect(changesGates('Cargo.toml', cargo, `${cargo}[[test]]\nname = "a"\ntest = false\n`)).toBeDefined();
    const cfg = '[metadata]\nname = x\n[flake8]\nmax-line-length = 100\n';
    expect(changesGates('setup.cfg', cfg, cfg.replace('name = x', 'name = y'))).toBeUndefined();
    expect(changesGates('setup.cfg', cfg, cfg.replace('100', '999'))).toBeDefined();
  });

  test('a script that a gate starts is a gate; tests are not', () => {
    const commands = [
      'sh scripts/check.sh && ./tools/lint',
      'node --no-warnings ci/run.mjs src/a.ts',
      'node --test test/a.test.js',
    ];
    for (const path of ['scripts/check.sh', 'tools/lint', 'ci/run.mjs']) {
      expect(changesGates(path, 'a', 'b', commands)).toContain('is run by');
    }
    expect(changesGates('src/a.ts', 'a', 'b', commands)).toBeUndefined();
    expect(changesGates('test/a.test.js', 'a', 'b', commands)).toBeUndefined();
  });
});
