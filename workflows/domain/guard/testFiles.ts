/**
 * Which changes to tests a reply may make (G3). Tests are what a polecat is judged by, so those that are there already stay as
 * they are unless the bead names them; a named one may be rewritten, but not so that it tests less; and a test goes away only
 * when the task says so.
 */

/** What a bead says of the tests it may touch. */
export interface TestLeave {
  /** Paths of the bead. */
  readonly files: readonly string[];
  readonly task: string;
}

/** Whether a path is one that test runners, or the people who read them, take for a test or a part of one. */
export const isTestFile = (path: string): boolean => {
  const plain = path.normalize('NFKC').toLowerCase();
  const name = plain.slice(plain.lastIndexOf('/') + 1);
  if (/\.(md|txt|rst|adoc)$/.test(name)) return false;
  return (
    /(^|\/)(tests?|__tests__|specs?|__snapshots__|testdata|test_data)\//.test(plain) ||
    /[._-](tests?|spec|e2e)\.[^/]+$/.test(name) ||
    /^tests?([._-].*)?\.[^.]+$/.test(name) ||
    /(Test|Tests|IT|Spec)\.(java|kt|cs|scala|groovy|swift|php)$/.test(path)
  );
};

/**
 * Why a reply may not change this file, which was there before the bead began; undefined when it may. `after` is undefined where
 * it goes away.
 */
export const changesTests = (
  path: string,
  before: string,
  after: string | undefined,
  { files, task }: TestLeave,
): string | undefined => {
  if (before === after || !isTestFile(path)) return;
  if (after === undefined)
    return goesAway(path, task)
      ? undefined
      : `${path} is a test, and the task does not say that it is to be deleted`;
  if (!files.includes(path) && !task.includes(path) && !goesAway(path, task))
    return `${path} is a protected test: this task does not name it. Make the code pass it as it is; put new tests into a file of their own`;
  const less = weaker(before, after);
  return less === undefined
    ? undefined
    : `the new ${path} tests less than before: ${less}. Make the code pass the tests; never weaken or skip one`;
};

/** A sentence of the task that names the file, or its name alone, and says that it goes. */
const goesAway = (path: string, task: string): boolean => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const sentences = task.split(/(?<=[.!?;])\s+(?=[A-Z`"'(-])|\n\s*\n|\n\s*[-*] /);
  return sentences.some(
    (sentence) =>
      (sentence.includes(path) || sentence.includes(name)) &&
      /\b(delet|remov|drop|renam|mov(e|ing)\b|get rid|goes? away)/i.test(sentence),
  );
};

const measures: readonly { readonly what: string; readonly pattern: RegExp; readonly less: boolean }[] = [
  {
    what: 'tests',
    less: true,
    pattern:
      /\b(?:test|it|describe|specify|scenario)(?:\.\w+)*\s*\(|\bdef\s+test\w*|\bfunc\s+(?:\([^)]*\)\s*)?Test\w*|#\[(?:\w+::)?test\]|@(?:Parameterized)?Test\b|^\s*(?:it|test|specify)\s+['"]/gm,
  },
  {
    what: 'checks',
    less: true,
    pattern:
      /\b(?:assert|expect|check|require|should|verify|ensure|fail)\w*|\bt\.(?:is|not|ok|equal|same|deep\w*|throws|error|fatal)\w*/gi,
  },
  {
    what: 'skips',
    less: false,
    pattern:
      /\.(?:skip|todo|only|skipIf|runIf|failing|fails)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe|skipTest|SkipTest|importorskip|load_tests)\b|@(?:\w+\.)*(?:skip\w*|expectedFailure|xfail|Disabled|Ignore)\b|\bt\.Skip|#\[ignore|\b(?:skip|todo)\s*:|\b(?:sys|os|process)\.(?:exit|_exit)|^\s*#\s*if\s+0\b/gim,
  },
  { what: 'early ends', less: false, pattern: /^\s*(?:return|exit)(?:\s+(?:0|true))?\s*;?\s*$/gm },
  {
    what: 'failures that count for nothing',
    less: false,
    pattern: /\|\|\s*(?:true\b|:(?=\s|$))|\bfailed\s*=\s*(?:0|false|False)\b|\bvoid\s*\(/g,
  },
];

/** What the new text of a test has less of than the old one; undefined when it tests as much. Comments do not count. */
const weaker = (before: string, after: string): string | undefined => {
  const old = withoutComments(before);
  const now = withoutComments(after);
  for (const { what, pattern, less } of measures) {
    const was = old.match(pattern)?.length ?? 0;
    const is = now.match(pattern)?.length ?? 0;
    if (less ? is < was : is > was) return `${is} ${what} where there were ${was}`;
  }
  return;
};

const withoutComments = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|--|;|#(?!\s*if\b|\[))/.test(line))
    .join('\n');
