import {
  type Finding,
  nothingFound,
  type ProposedGate,
  type ProposedSetup,
  type ProposedStep,
  type Tree,
} from '../tree.ts';

/** The gates of a Python project, and a `.venv` for what they need. A copied `.venv` works by `python -m`. */
export const pythonGates = (tree: Tree): Finding => {
  const marks = ['pyproject.toml', 'setup.py', 'setup.cfg', 'tox.ini', 'pytest.ini'];
  const mark = marks.find((path) => tree.paths.has(path)) ?? requirementsOf(tree);
  if (mark === undefined) return nothingFound;
  const setup = setupOf(tree);
  const python = setup === undefined ? 'python3' : '.venv/bin/python';
  const gates = [...checks(tree, python), ...tests(tree, python)];
  return gates.length === 0
    ? nothingFound
    : { gates, setup, format: formatter(tree, python), nearest: nearest(gates) };
};

const formatter = ({ texts }: Tree, python: string): ProposedStep | undefined => {
  const project = texts.get('pyproject.toml') ?? '';
  const step = (run: string, section: string): ProposedStep => ({
    run: `${python} -m ${run} {files:py,pyi}`,
    why: `pyproject.toml: [${section}]`,
  });
  if (/^\[tool\.ruff\.format\b/m.test(project)) return step('ruff format -q', 'tool.ruff.format');
  return /^\[tool\.black\]/m.test(project) ? step('black -q', 'tool.black') : undefined;
};

const nearest = (gates: readonly ProposedGate[]): ProposedStep | undefined => {
  const pytest = gates.find(({ run }) => run.endsWith(' -m pytest -q'));
  return pytest === undefined ? undefined : { run: `${pytest.run} {tests:py}`, why: pytest.why };
};

const checks = (tree: Tree, python: string): ProposedGate[] => {
  const project = tree.texts.get('pyproject.toml') ?? '';
  const found: ProposedGate[] = [];
  const add = (kind: ProposedGate['kind'], run: string, why: string): void => {
    found.push({ kind, name: kind, run: `${python} -m ${run}`, why });
  };
  if (/^\[tool\.black\]/m.test(project)) add('format', 'black --check .', 'pyproject.toml: [tool.black]');
  if (/^\[tool\.ruff\b/m.test(project)) add('lint', 'ruff check .', 'pyproject.toml: [tool.ruff]');
  else if (tree.paths.has('ruff.toml')) add('lint', 'ruff check .', 'ruff.toml');
  if (/^\[tool\.mypy\]/m.test(project)) add('types', 'mypy .', 'pyproject.toml: [tool.mypy]');
  else if (tree.paths.has('mypy.ini')) add('types', 'mypy .', 'mypy.ini');
  return found;
};

const tests = (tree: Tree, python: string): ProposedGate[] => {
  const files = [...tree.paths].filter((path) => /(^|\/)(test_[^/]*|[^/]*_test)\.py$/.test(path));
  const named = [...tree.texts].find(
    ([path, text]) =>
      /^(pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|requirements.*)$/.test(path) &&
      /\bpytest\b/.test(text),
  );
  const conftest = [...tree.paths].find((path) => /(^|\/)conftest\.py$/.test(path));
  const why = named === undefined ? conftest : `${named[0]} names pytest`;
  if (why !== undefined) return [{ kind: 'test', name: 'test', run: `${python} -m pytest -q`, why }];
  const [first] = files;
  if (first === undefined) return [];
  const folder = first.includes('/') ? (first.split('/')[0] as string) : '.';
  const from = tree.paths.has(`${folder}/__init__.py`) || folder === '.' ? '' : ` -s ${word(folder)}`;
  return [
    {
      kind: 'test',
      name: 'test',
      run: `${python} -m unittest discover${from}`,
      why: `tests such as ${first}`,
    },
  ];
};

const setupOf = (tree: Tree): ProposedSetup | undefined => {
  const into = (run: string, file: string): ProposedSetup => ({
    run,
    caches: ['.venv'],
    cacheKey: [file],
    why: file,
  });
  if (tree.paths.has('uv.lock')) return into('uv sync --frozen --no-install-project', 'uv.lock');
  if (tree.paths.has('poetry.lock'))
    return into('POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install --no-root', 'poetry.lock');
  const file = requirementsOf(tree);
  // A file of nothing but comments needs no network.
  if (file === undefined || !/^\s*[^#\s]/m.test(tree.texts.get(file) ?? '')) return;
  return into(`python3 -m venv .venv && .venv/bin/pip install -q -r ${file}`, file);
};

const requirementsOf = ({ paths }: Tree): string | undefined =>
  ['requirements-dev.txt', 'requirements-test.txt', 'requirements.txt'].find((path) => paths.has(path));

const word = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
