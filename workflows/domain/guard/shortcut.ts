/**
 * Code that makes checks green without doing what they check (G3): it ends the test process as a success, equals everything, asks
 * whether it is being tested, or stands in the place of the test runner. Models under pressure do all of these.
 */

/**
 * Why this change is such a shortcut; undefined when it is none. Only what was not in the file before counts, and a program may end
 * itself. `task`: who is asked to write code that exits may write it.
 */
export const shortcutIn = (
  path: string,
  before: string | undefined,
  after: string | undefined,
  task = '',
): string | undefined => {
  if (after === undefined || before === after) return;
  if (before === undefined && /(^|\/)(unittest|pytest|_pytest|doctest|nose2?|nose)(\.py$|\/)/i.test(path))
    return `${path} would take the place of the test runner`;
  const code = codeOf(path);
  if (code === undefined) return;
  const now = withoutComments(after);
  const old = withoutComments(before ?? '');
  for (const { what, pattern, inPrograms } of code) {
    if ((now.match(pattern)?.length ?? 0) <= (old.match(pattern)?.length ?? 0)) continue;
    if (
      inPrograms &&
      (isProgram(path, after) || /\b(exits?|exiting|quits?|shuts? ?down|terminates?)\b/i.test(task))
    )
      continue;
    return `${path} ${what}`;
  }
  return;
};

interface Shortcut {
  readonly what: string;
  readonly pattern: RegExp;
  /** Whether programs may do it. */
  readonly inPrograms: boolean;
}

const ends = (pattern: RegExp): Shortcut => ({
  what: 'ends the whole process as a success: checks that load it would count as passed. Return or throw instead',
  pattern,
  inPrograms: true,
});
const asks = (pattern: RegExp): Shortcut => ({
  what: 'asks whether it is being tested. Code must do the same in tests as elsewhere',
  pattern,
  inPrograms: false,
});

const rigs = (pattern: RegExp): Shortcut => ({
  what: 'changes how the tests run, or what they take for right',
  pattern,
  inPrograms: false,
});

const languages: readonly { readonly files: RegExp; readonly code: readonly Shortcut[] }[] = [
  {
    files: /\.[cm]?[jt]sx?$/,
    code: [
      ends(
        /\bprocess\.(?:exit|reallyExit)\(\s*0?\s*\)|\bprocess\.exitCode\s*=\s*0\b|\bprocess\.exit\s*=(?!=)/g,
      ),
      rigs(/\bassert(?:\.\w+)+\s*=(?![=>])|\bObject\.is\s*=(?![=>])/g),
      asks(/\b(?:NODE_TEST_CONTEXT|JEST_WORKER_ID|VITEST_WORKER_ID|VITEST_POOL_ID)\b/g),
    ],
  },
  {
    files: /\.py$/,
    code: [
      ends(
        /\bos\._exit\(|\bsys\.exit\(\s*0?\s*\)|(?<![.\w])(?:exit|quit)\(\s*0?\s*\)|\bSystemExit(?:\(\s*0?\s*\))?\s*$/gm,
      ),
      rigs(/\bdef\s+load_tests\s*\(|\b(?:unittest|TestCase|TestSuite|TestResult)(?:\.\w+)+\s*=(?!=)/g),
      asks(/\bPYTEST_CURRENT_TEST\b|["'](?:unittest|pytest)["']\s+in\s+sys\.modules|\binspect\.stack\(/g),
      {
        what: 'has a value that equals everything',
        pattern: /\bdef\s+__eq__\([^)]*\)[^:]*:\s*return\s+True\b/g,
        inPrograms: false,
      },
    ],
  },
  {
    files: /\.(c|cc|cpp|cxx|h|hpp)$/,
    code: [ends(/\b(?:_exit|_Exit|quick_exit|exit)\(\s*(?:0|EXIT_SUCCESS)\s*\)/g)],
  },
  { files: /\.go$/, code: [ends(/\bos\.Exit\(\s*0\s*\)/g)] },
  { files: /\.rs$/, code: [ends(/\bprocess::exit\(\s*0\s*\)/g)] },
  { files: /\.rb$/, code: [ends(/(?<![.\w])exit!?(?:\(\s*(?:0|true)?\s*\)|\s+(?:0|true)\b|\s*$)/gm)] },
];

const codeOf = (path: string): readonly Shortcut[] | undefined =>
  languages.find(({ files }) => files.test(path.toLowerCase()))?.code;

const isProgram = (path: string, text: string): boolean =>
  text.startsWith('#!') ||
  /(^|\/)(bin|cmd|cli|scripts?|tools?)\//i.test(path) ||
  /(^|\/)(main|cli|__main__|cmd|server|app|run|start|manage|setup)\.[^/]+$/i.test(path) ||
  /\bint\s+main\s*\(|__name__\s*==\s*["']__main__["']/.test(text);

const withoutComments = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|#(?!!))/.test(line))
    .join('\n');
