import { oneLine } from '../../workflows/domain/text.ts';

/** Names of failing tests that are looked for in one output; what has more has one cause. */
export const mostNames = 40;

/**
 * The failing tests that the output of a test runner names, without repeats, sorted: runners that work side by side name them in
 * another order each time. Knows TAP, node:test, vitest, jest, mocha, pytest, unittest, go, cargo, surefire, gradle, JUnit's
 * XML, rspec and minitest. A file that could not be loaded counts as a test.
 */
export const failingTests = (output: string): readonly string[] => {
  const names = new Set<string>(casesOfXml(output));
  // Biome has crosses, too, below a ruled line.
  const crosses = !/━━━\s*$/m.test(output);
  let file: string | undefined;
  for (const whole of output.split('\n')) {
    const line = whole.slice(0, 1_000);
    file = jestFile.exec(line)?.groups?.file ?? file;
    if (!crosses && cross.test(line)) continue;
    const name = jestUnloaded.test(line) ? file : failingTest(line);
    if (name !== undefined) names.add(name);
    if (names.size >= mostNames) break;
  }
  return told([...names].sort());
};

/** Names in as few words as a line has room for. */
export const nameList = (names: readonly string[], room: number): string => {
  let text = '';
  for (const [at, name] of names.entries()) {
    const more = names.length - at - 1;
    const next = text === '' ? name : `${text}, ${name}`;
    const rest = more === 0 ? '' : ` and ${more} more`;
    if (next.length + rest.length > room && text !== '') return `${text} and ${more + 1} more`;
    text = next;
  }
  return text;
};

const failingTest = (line: string): string | undefined => {
  for (const form of forms) {
    const name = form.exec(line)?.groups?.name;
    if (name !== undefined && !notTests.test(name)) return oneLine(name, 160);
  }
  return;
};

/** jest names a suite that did not load only by the line that its results begin with. */
const jestFile = /^FAIL (?<file>\S+\.[cm]?[jt]sx?)(?: \([\d.]+ ?m?s\))?$/;
const jestUnloaded = /^\s*● Test suite failed to run$/;

const cross = /^\s*[×✗✕] (?<name>\S.*?)(?:\s+\(?[\d.]+ ?m?s\)?)?$/;

const forms: readonly RegExp[] = [
  // TAP and whoever prints it.
  /^\s*not ok \d+\s+(?:-\s+)?(?<name>.+?)(?: # time=\S+)?(?: \{)?\s*$/,
  // node:test
  /^\s*✖ (?<name>.+?)(?: \([\d.]+ ?m?s\))?$/,
  // vitest: a test, or a file that could not be loaded.
  /^\s*(?:FAIL|❯ FAIL) {1,2}(?:\|[^|]+\| {1,2})?(?<name>\S+ > .+?)(?: \d+ms)?$/,
  /^\s*FAIL {1,2}(?:\|[^|]+\| {1,2})?(?<name>\S+\.[cm]?[jt]sx?) \[ .+ \]$/,
  cross,
  // jest
  /^\s*● (?<name>\S.*)$/,
  // pytest
  /^(?:FAILED|ERROR) (?<name>\S+::\S.*?)(?: - .*)?$/,
  /^ERROR (?<name>\S+\.py)(?: - .*)?$/,
  // unittest
  /^(?:FAIL|ERROR): (?<name>\w+ \(.+\))(?: .*)?$/,
  // go: a test, or a package that does not compile.
  /^\s*--- FAIL: (?<name>\S+)/,
  /^FAIL\t(?<name>\S+) \[(?:build|setup) failed\]$/,
  // cargo, also nextest
  /^test (?<name>\S.*?) \.\.\. FAILED$/,
  /^\s+FAIL \[ *[\d.]+s\] (?:\([^)]*\) )?(?<name>\S.*)$/,
  // surefire, old and new; gradle
  /^\[ERROR\]\s+(?<name>\w[\w.$]*\.\w+(?:\[[^\]]*\])?)(?::\d+|\s+--\s+Time elapsed: .*<<< (?:FAILURE|ERROR)!)/,
  /^\[ERROR\]\s+(?<name>\w+\([\w.$]+\))\s+Time elapsed: .*<<< (?:FAILURE|ERROR)!/,
  /^(?<name>\w[\w.$]* > \S.*) FAILED$/,
  // mocha, phpunit, rspec, minitest
  /^\s+\d+\) (?<name>\S.*)$/,
  /^\d+\) (?<name>[\w\\]+::\w+)/,
  /^rspec (?<name>\.\/\S+:\d+)/,
  /^(?<name>\w+#test_\w+)(?: \[.*\])?[: ]/,
];

const notTests =
  /# (?:todo|skip)\b|^failing tests:?$|^\d+ problems? \(|^tests? failed|^Test suite failed to run$|^Console$|^(?:Failure|Error|Skipped):?$|^(?:Deprecation|Validation) Warning/i;

/**
 * `suite` beside `suite > test`, `TestA` beside `TestA/case`: what only holds a failing test says nothing more. Neither does a
 * test's own name beside the one with its file.
 */
const told = (names: readonly string[]): readonly string[] =>
  names.filter(
    (name) =>
      !names.some(
        (other) =>
          [' > ', ' › ', '/'].some((mark) => other.startsWith(`${name}${mark}`)) ||
          other.endsWith(` > ${name}`),
      ),
  );

const casesOfXml = (output: string): readonly string[] => {
  if (!output.includes('<testcase')) return [];
  const cases = output.matchAll(/<testcase\b([^<>]{1,2000})>\s*<(?:failure|error)\b/g);
  return [...cases].slice(0, mostNames).flatMap(([, attributes = '']) => {
    const name = attribute(attributes, 'name');
    const owner = attribute(attributes, 'classname');
    if (name === undefined || attributes.endsWith('/')) return [];
    return [oneLine(owner === undefined ? name : `${owner} > ${name}`, 160)];
  });
};

const attribute = (attributes: string, name: string): string | undefined =>
  new RegExp(`(?<![\\w-])${name}="([^"]*)"`)
    .exec(attributes)?.[1]
    ?.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => entities[entity] ?? '');

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
