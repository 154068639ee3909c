/**
 * Which tests a change most likely breaks: those that it changes itself, those named after what it changes, and those that
 * import it. They run before the full gates and can only refuse, never approve (G3), so a wrong guess costs time alone.
 */

export interface TestSearch {
  /** Paths that are new, other or gone. */
  readonly changed: readonly string[];
  /** All paths of the commit. */
  readonly files: readonly string[];
  /** What a file takes from other files of the commit. */
  readonly imports: (path: string) => readonly string[];
}

/** More than these are no quick look any more. */
export const mostNearest = 8;

/** At most `mostNearest` test files, the surest first; the same for the same input. */
export const nearestTests = ({ changed, files, imports }: TestSearch): readonly string[] => {
  const tests = runnableTests(files);
  const touched = new Set(changed);
  const own = tests.filter((path) => touched.has(path));
  const sources = [...touched].filter((path) => !own.includes(path));
  const others = tests.filter((path) => !touched.has(path));
  const named = byName(sources, others);
  const picked = new Set([...own.toSorted(), ...named.beside]);
  if (picked.size < mostNearest)
    for (const path of byImports(sources, others, imports, named.elsewhere)) picked.add(path);
  return [...picked].slice(0, mostNearest);
};

/** Files that a test runner can be given by their path. */
export const runnableTests = (files: readonly string[]): readonly string[] => {
  const usual = files.filter((path) => !aside.test(path));
  const named = usual.filter((path) => hasTestName(nameOf(path)));
  // `node --test` and mocha take any file of such a folder; where names tell, the others are helpers.
  if (named.some((path) => script.test(path))) return named;
  const placed = usual.filter((path) => script.test(path) && inTestFolder.test(path) && !helper.test(path));
  return [...named, ...placed.filter((path) => !named.includes(path))];
};

const script = /(?<!\.d)\.[cm]?[jt]sx?$/;
const inTestFolder = /(?:^|\/)(?:tests?|__tests__|specs?)\//;
const helper =
  /(?:^|\/)(?:support|helpers?|utils?|mocks?|stubs?|common|setup|assets|data)(?:\/|\.[^/]+$)|\.config\./;
const aside =
  /(?:^|\/)(?:node_modules|vendor|third_party|dist|build|target|fixtures?|__fixtures__|testdata|test_data|__snapshots__|__mocks__)\//;

const hasTestName = (name: string): boolean =>
  (/(?<!\.d)\.(?:[cm]?[jt]sx?|py|rb|exs|lua|dart|sh|php)$/.test(name) &&
    /^tests?(?:[._-].+)?\.\w+$|[._-](?:tests?|spec)\.\w+$/i.test(name)) ||
  /_test\.go$|\.bats$/.test(name) ||
  /\w(?:Test|Tests|IT|Spec)\.(?:java|kt|cs|scala|groovy|swift|php)$|^Test\w+\.(?:java|kt)$/.test(name);

/** Tests named after a source: `beside` it or where a tree of tests mirrors it, and `elsewhere`. */
const byName = (
  sources: readonly string[],
  tests: readonly string[],
): { readonly beside: readonly string[]; readonly elsewhere: ReadonlySet<string> } => {
  const subjects = Map.groupBy(tests, (path) => subjectOf(nameOf(path)));
  const beside = new Map<string, number>();
  const elsewhere = new Set<string>();
  const judge = (path: string, distance: number): void => {
    if (distance > 1) elsewhere.add(path);
    else beside.set(path, Math.min(distance, beside.get(path) ?? distance));
  };
  for (const source of sources) {
    const subject = subjectOf(nameOf(source));
    const folder = mirrored(source);
    for (const path of subjects.get(subject) ?? []) {
      const distance = apart(folder, mirrored(path));
      if (!general.test(subject) || distance === 0) judge(path, distance);
    }
    // `parser/index.ts` is what `parser.test.ts` tests.
    if (general.test(subject))
      for (const path of subjects.get(plainName(folder.at(-1) ?? '')) ?? [])
        judge(path, apart(folder.slice(0, -1), mirrored(path)));
  }
  const near = [...beside].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  return { beside: near.map(([path]) => path), elsewhere };
};

/** Tests that import a source come first, then those of its name far away, then those that reach it over one step. */
const byImports = (
  sources: readonly string[],
  tests: readonly string[],
  imports: TestSearch['imports'],
  named: ReadonlySet<string>,
): readonly string[] => {
  const wanted = new Set(sources);
  const packages = new Set(sources.filter((path) => path.endsWith('.go')).map(folderOf));
  const known = new Map<string, readonly string[]>();
  const of = (path: string): readonly string[] => {
    const found = known.get(path) ?? imports(path);
    known.set(path, found);
    return found;
  };
  const reached = (path: string): number => of(path).filter((one) => wanted.has(one)).length;
  const ranked = tests.flatMap((path) => {
    const direct = reached(path) + (path.endsWith('.go') && packages.has(folderOf(path)) ? 1 : 0);
    const step = direct > 0 ? 3 : named.has(path) ? 2 : of(path).some((one) => reached(one) > 0) ? 1 : 0;
    return step === 0 ? [] : [{ path, step, direct, shared: nearness(path, sources) }];
  });
  ranked.sort(
    (a, b) => b.step - a.step || b.direct - a.direct || b.shared - a.shared || (a.path < b.path ? -1 : 1),
  );
  return ranked.map(({ path }) => path);
};

/** Names that stand for their folder. */
const general = /^(?:index|main|mod|lib|init)$/;

/** What a file is about: `foo` of `foo.ts`, `foo.test.ts`, `test_foo.py`, `foo_test.go`, `FooTest.java`. */
const subjectOf = (name: string): string =>
  plainName(
    name
      .replace(/(?:\.d)?\.\w+$/, '')
      .replace(/^tests?[._-](?=.)|(?<=.)[._-](?:tests?|spec|unit|e2e)$/gi, '')
      .replace(/(?<=\w)(?:Tests?|IT|Spec)$|^Test(?=[A-Z])/, ''),
  );

const plainName = (name: string): string => name.replaceAll(/[-_.]/g, '').toLowerCase();

/** The folders of a path without those that sources and tests differ by. */
const mirrored = (path: string): readonly string[] =>
  folderOf(path)
    .split('/')
    .filter(
      (part) => part !== '' && !/^(?:src|lib|main|java|kotlin|tests?|__tests__|specs?|unit)$/.test(part),
    );

/** 0: the same place; 1: one is the end of the other; 2: elsewhere. */
const apart = (one: readonly string[], other: readonly string[]): 0 | 1 | 2 => {
  const shorter = one.length < other.length ? one : other;
  const longer = one.length < other.length ? other : one;
  const end = longer.slice(longer.length - shorter.length);
  if (!shorter.every((part, at) => part === end[at])) return 2;
  return one.length === other.length ? 0 : 1;
};

/** Folders that a test shares with the nearest source. */
const nearness = (path: string, sources: readonly string[]): number => {
  const folder = mirrored(path);
  return Math.max(
    0,
    ...sources.map((source) => {
      const other = mirrored(source);
      const differs = folder.findIndex((part, at) => part !== other[at]);
      return differs < 0 ? folder.length : differs;
    }),
  );
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
