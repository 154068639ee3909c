import type { OutputText, Reader } from './outputText.ts';
import { reportOf, type TestReport } from './testReport.ts';

const end = /^(?:(?<ok>ok) {2}|FAIL|\? {3})\t(?<name>\S+)(?:\s+(?<rest>\S.*))?$/;
const red = /^ *--- FAIL: (?<name>\S+) \(\d+\.\d+s\)$/;
const run = /^=== RUN {3}(?<name>\S+)$/;

/** `go test`, also with `-v` and `-json`: tests with their package; a package that failed as a whole is named itself. */
export const readGoTest: Reader = (text) => readPlain(text) ?? readJson(text);

const readPlain = ({ lines, cut }: OutputText): TestReport | undefined => {
  const names: string[] = [];
  let [known, ran] = [false, 0];
  let failing = new Set<string>();
  let begun = new Set<string>();
  for (const line of lines) {
    const test = red.exec(line)?.groups?.name;
    if (test !== undefined) failing.add(test);
    const started = run.exec(line)?.groups?.name;
    if (started !== undefined) begun.add(started);
    const of = end.exec(line)?.groups;
    if (of?.name === undefined) continue;
    known = true;
    const { name: pack, ok, rest = '' } = of;
    // What a test prints may look like a result; with -v every test is announced.
    const own = [...failing].filter((name) => begun.size === 0 || begun.has(name));
    if (line.startsWith('FAIL')) for (const one of inPackage(pack, own)) names.push(one);
    const least = ok !== undefined && !/\[no tests? (?:files|to run)\]/.test(rest) ? 1 : own.length;
    ran += begun.size > 0 ? begun.size : least;
    [failing, begun] = [new Set(), new Set()];
  }
  return known ? reportOf({ ran, names, partial: cut }) : undefined;
};

const readJson = ({ lines, cut }: OutputText): TestReport | undefined => {
  const packs = new Map<string, { failing: Set<string>; red: boolean }>();
  let [known, ran] = [false, 0];
  for (const line of lines) {
    const event = eventOf(line);
    if (event === undefined) continue;
    const { action, pack, test } = event;
    const of = packs.get(pack) ?? { failing: new Set<string>(), red: false };
    packs.set(pack, of);
    if (action === 'start') known = true;
    if (action === 'run') [known, ran] = [true, ran + 1];
    if (action === 'fail' && test !== undefined) of.failing.add(test);
    if (action === 'fail' && test === undefined) of.red = true;
  }
  const names = [...packs].flatMap(([pack, of]) => (of.red ? inPackage(pack, [...of.failing]) : []));
  return known ? reportOf({ ran, names, partial: cut }) : undefined;
};

interface GoEvent {
  readonly action: string;
  readonly pack: string;
  readonly test: string | undefined;
}

const eventOf = (line: string): GoEvent | undefined => {
  if (!line.startsWith('{"Time":') || !/"Action":"(?:start|run|fail)"/.test(line)) return;
  try {
    const { Action: action, Package: pack, Test: test }: Record<string, unknown> = JSON.parse(line);
    if (typeof action !== 'string' || typeof pack !== 'string') return;
    return { action, pack, test: typeof test === 'string' ? test : undefined };
  } catch {
    return;
  }
};

/** `TestA` beside `TestA/case` says nothing more. */
const inPackage = (pack: string, all: readonly string[]): readonly string[] => {
  if (all.length === 0) return [pack];
  const tests = all.slice(0, 5_000);
  const parents = new Set(tests.flatMap((test) => parentsOf(test)));
  return tests.filter((test) => !parents.has(test)).map((test) => `${pack} > ${test}`);
};

const parentsOf = (test: string): readonly string[] => {
  const parts = test.split('/').slice(0, 20);
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
};
