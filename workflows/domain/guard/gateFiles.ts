/**
 * Which changes touch what defines the gates: package scripts, CI, hooks, test and lint configuration, the town's own
 * configuration (G9). A model that may edit these can make any gate green, so a reply that does is refused unless the
 * bead lists the file and the Overseer approved it.
 */

/**
 * Why a change to `path` would change the gates; undefined when it would not. Texts are whole files, undefined for a file
 * that does not exist (so creating and deleting count too). `commands` are the rig's gate commands and its set-up: a
 * script that one of them starts is as much a gate as the command.
 */
export const changesGates = (
  path: string,
  before: string | undefined,
  after: string | undefined,
  commands: readonly string[] = [],
): string | undefined => {
  if (before === after) return;
  const plain = plainPath(path);
  const whole = wholeFiles.find(({ pattern }) => pattern.test(plain));
  if (whole !== undefined) return `${path} is ${whole.what}`;
  const part = partlyProtected.find(({ pattern }) => pattern.test(plain));
  if (part !== undefined && part.protectedPart(before) !== part.protectedPart(after)) {
    return `the change to ${path} touches ${part.what}`;
  }
  const command = commands.find((text) => startsScript(text, plain));
  return command === undefined ? undefined : `${path} is run by the command "${command}"`;
};

/** Some file systems fold case and width, so `.GitHub/` must not slip through. */
const plainPath = (path: string): string =>
  path
    .normalize('NFKC')
    .toLowerCase()
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

/** A file of this name in any folder: monorepos keep configuration beside each package. */
const named = (names: string): RegExp => new RegExp(`(^|/)(${names})$`);
const under = (folders: string): RegExp => new RegExp(`(^|/)(${folders})/`);
const code = '[cm]?[jt]sx?';
const data = `(json|json5|jsonc|ya?ml|toml|${code})`;

const wholeFiles: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: named('gastown\\.ya?ml'), what: "the town's configuration" },
  { pattern: named('\\.gitattributes|\\.gitmodules'), what: 'configuration of git' },
  {
    pattern: under(
      '\\.github|\\.gitlab|\\.circleci|\\.ci|\\.buildkite|\\.woodpecker|\\.drone|\\.forgejo|\\.gitea',
    ),
    what: 'part of CI',
  },
  {
    pattern: named(
      '\\.gitlab-ci\\.ya?ml|jenkinsfile|azure-pipelines\\.ya?ml|\\.travis\\.ya?ml|\\.appveyor\\.ya?ml|appveyor\\.ya?ml|\\.drone\\.ya?ml|\\.woodpecker\\.ya?ml|bitbucket-pipelines\\.ya?ml|\\.cirrus\\.ya?ml|codecov\\.ya?ml|\\.codecov\\.ya?ml',
    ),
    what: 'part of CI',
  },
  { pattern: under('\\.husky|\\.githooks|\\.git-hooks'), what: 'a git hook' },
  {
    pattern: named(
      `\\.?lefthook(-local)?\\.${data}|\\.pre-commit-config\\.ya?ml|\\.pre-commit-hooks\\.ya?ml|\\.lintstagedrc(\\.${data})?|lint-staged\\.config\\.${code}|\\.?simple-git-hooks\\.${data}|\\.huskyrc(\\.${data})?|\\.overcommit\\.ya?ml`,
    ),
    what: 'configuration of git hooks',
  },
  {
    pattern: named(
      `(vitest|vite|jest|playwright|cypress|karma|ava|web-test-runner|wdio|babel|swc|tsup|esbuild)\\.(config|conf|workspace|setup|preset)\\.${data}|\\.(mocharc|babelrc|swcrc|nycrc|c8rc|taprc|jasmine)(\\.${data})?|jasmine\\.json|cypress\\.json|testem\\.js`,
    ),
    what: 'test configuration',
  },
  {
    pattern: named(
      'pytest\\.(ini|toml)|\\.pytest\\.(ini|toml)|tox\\.ini|tox\\.toml|conftest\\.py|noxfile\\.py|sitecustomize\\.py|usercustomize\\.py|\\.coveragerc|phpunit\\.xml(\\.dist)?|\\.rspec|codeception\\.ya?ml',
    ),
    what: 'test configuration',
  },
  {
    pattern: named(
      `\\.(eslintrc|prettierrc|stylelintrc|oxlintrc|oxfmtrc|commitlintrc|jshintrc|jscsrc)(\\.${data})?|(eslint|prettier|stylelint|oxlint|commitlint|knip)\\.config\\.${data}|\\.(eslint|prettier|stylelint)ignore|\\.?(biome|rome)\\.jsonc?|[jt]sconfig([.-][^/]+)?\\.json|deno\\.jsonc?|dprint\\.json`,
    ),
    what: 'configuration of a check',
  },
  {
    pattern: named(
      '\\.golangci\\.(ya?ml|toml|json)|\\.flake8|\\.pylintrc|pylintrc|\\.?mypy\\.ini|pyrightconfig\\.json|\\.?ruff\\.toml|\\.isort\\.cfg|\\.bandit|\\.rubocop[^/]*\\.ya?ml|\\.?clippy\\.toml|\\.?rustfmt\\.toml|deny\\.toml|\\.clang-(tidy|format)|phpstan\\.neon(\\.dist)?|psalm\\.xml|\\.php-cs-fixer[^/]*\\.php|checkstyle\\.xml|\\.credo\\.exs|\\.formatter\\.exs|\\.shellcheckrc|\\.hadolint\\.ya?ml|\\.yamllint(\\.ya?ml)?',
    ),
    what: 'configuration of a check',
  },
  { pattern: under('\\.cargo|\\.config/nextest|\\.mvn'), what: 'configuration of the build tool' },
  {
    pattern: named(
      '(gnu)?makefile|[^/]+\\.mk|justfile|\\.justfile|taskfile\\.ya?ml|rakefile|dangerfile(\\.[jt]s)?|\\.npmrc|\\.yarnrc(\\.ya?ml)?|\\.pnpmfile\\.c?js|pnpm-workspace\\.yaml|bunfig\\.toml|\\.bazelrc|turbo\\.jsonc?|nx\\.json|lerna\\.json|\\.envrc|\\.?mise\\.toml|\\.tool-versions|\\.nvmrc|\\.node-version|\\.python-version|rust-toolchain(\\.toml)?',
    ),
    what: 'what the gate commands are made of',
  },
];

const partlyProtected: readonly {
  readonly pattern: RegExp;
  readonly what: string;
  /** The text that must stay as it is; undefined counts as an empty file. */
  readonly protectedPart: (text: string | undefined) => string;
}[] = [
  {
    pattern: named('package\\.json'),
    what: 'its scripts or the configuration of its checks',
    protectedPart: (text) => packageGates(text),
  },
  {
    pattern: named('pyproject\\.toml'),
    what: 'more than the project and its dependencies',
    // Entry points of the project may be plugins of the test runner.
    protectedPart: (text) =>
      sections(
        text,
        (header, line) =>
          !/^(project(\.(optional-dependencies|urls|scripts))?|dependency-groups)$/.test(header) ||
          line.includes('entry-points'),
      ),
  },
  {
    pattern: named('setup\\.cfg'),
    what: 'more than the project and its dependencies',
    protectedPart: (text) =>
      sections(
        text,
        (header) => !/^(metadata|options(\.(extras_require|packages\.find|package_data))?)$/.test(header),
      ),
  },
  {
    pattern: named('cargo\\.toml'),
    what: 'its lints, profiles or test targets',
    protectedPart: (text) =>
      sections(
        text,
        (header, line) =>
          /^((workspace\.)?lints|profile|test|bench|lib|bin|example|patch|replace)(\.|$)/.test(header) ||
          /^(autotests|autobenches|build|lints|members|default-members|exclude)\b/.test(line),
      ),
  },
];

const packageKeys = [
  'scripts',
  'packageManager',
  'workspaces',
  'config',
  'jest',
  'vitest',
  'mocha',
  'ava',
  'tap',
  'nyc',
  'c8',
  'babel',
  'eslintConfig',
  'eslintIgnore',
  'prettier',
  'stylelint',
  'xo',
  'standard',
  'wireit',
  'nx',
  'husky',
  'lint-staged',
  'pre-commit',
  'pre-push',
  'simple-git-hooks',
  'git-hooks',
  'lefthook',
  'commitlint',
];

/** The gate-defining keys of a package.json in one form, whatever its order and spacing. */
const packageGates = (text: string | undefined): string => {
  if (text === undefined) return 'none';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return `not JSON: ${text}`;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return `not a package: ${text}`;
  const entries = Object.entries(parsed).filter(([key]) => packageKeys.includes(key));
  return entries.length === 0 ? 'none' : inOneForm(Object.fromEntries(entries));
};

const inOneForm = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inOneForm).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${inOneForm(inner)}`).join(',')}}`;
};

/**
 * The lines of a TOML or INI file that `keep` names by their section, without blank lines and comments. Reads lines, not
 * the format: a header hidden in a multi-line string moves the lines after it, which shows as a change.
 */
const sections = (text: string | undefined, keep: (header: string, line: string) => boolean): string => {
  let header = '';
  const kept: string[] = [];
  for (const raw of (text ?? '').replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const found = /^\[\[?([^\]]*)\]/.exec(line);
    if (found !== null) header = (found[1] ?? '').replace(/["'\s]/g, '').toLowerCase();
    if (keep(header, line)) kept.push(found === null ? line : `[${header}]`);
  }
  return kept.join('\n');
};

const interpreters =
  /^(sh|bash|dash|zsh|node|nodejs|deno|bun|tsx|ts-node|python|python3|ruby|perl|php|source|\.|exec|run)$/;

/** Whether a command line starts this file as a program. Files that tests live in are the polecat's to change. */
const startsScript = (command: string, path: string): boolean => {
  const words = command.split(/[\s;&|()'"`<>]+/).filter((word) => word !== '');
  return words.some((word, index) => {
    if (plainPath(word) !== path) return false;
    if (/(^|\/)(tests?|__tests__|spec)\//.test(path) || /([._-](test|spec)\.|(^|\/)test_)/.test(path))
      return false;
    const before = words[index - 1];
    return word.startsWith('./') || before === undefined || runsIt(words, index);
  });
};

/** `node --flag script`, `sh script`, or the first word of a command. */
const runsIt = (words: readonly string[], index: number): boolean => {
  let at = index - 1;
  while (at >= 0 && words[at]?.startsWith('-')) at -= 1;
  return at < 0 || interpreters.test(words[at] ?? '');
};
