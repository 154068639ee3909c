import { oneLine } from '../../workflows/domain/text.ts';
import { failingTests } from './failingTests.ts';

/** What a failed run says first, and which tests it names. */
export interface FirstError {
  /** One line; undefined when no known form was found. */
  readonly error: string | undefined;
  /** Names of failing tests; see `failingTests`. */
  readonly names: readonly string[];
}

/**
 * Finds the first error in the output of a test runner, compiler or linter, without control characters. Knows TAP,
 * node:test, vitest, jest, mocha, pytest, unittest, go, cargo, tsc, eslint, biome, gcc and whatever says `error:`.
 */
export const findFirstError = (output: string): FirstError => {
  const lines = output.split('\n').map((line) => line.slice(0, 1_000));
  return { error: errorIn(lines), names: failingTests(output) };
};

/** From the most telling to the vaguest. The first line of the first form that occurs wins. */
const errorForms: readonly RegExp[] = [
  /^.+\(\d+,\d+\): error TS\d+: .+/,
  /^.+:\d+:\d+ - error TS\d+: .+/,
  /^error(\[E\d+\])?: (?!aborting|could not compile|test failed).+/,
  /^\S+:\d+:\d+: (fatal )?error: .+/,
  /^\S+\.go:\d+(:\d+)?: .+/,
  /^\s+\S+_test\.go:\d+: .+/,
  /^\s+\d+:\d+\s+error\s+.+/,
  /^\S+:\d+:\d+ (lint|parse|format)\S*.*/,
  /^E {3,}\S.+/,
  /^\s*(Uncaught )?\w*(Error|Exception)( \[\w+\])?: .+/,
  /^\s*(error|message): ['"|].+/,
  /^panic: .+/,
  /^thread '.*'(?: \(\d+\))? panicked at .+/,
  /^npm (?:error|ERR!) Missing script: .+/,
  /^\s*\[?(error|fatal)\]?[:!](?! ?(?:aborting due|could not compile|test failed, to rerun)) ?.+/i,
  /^(?!error: (?:aborting due|could not compile|test failed, to rerun)).*\b(error|fatal)\b: .+/i,
  /^.*: (not found|No such file or directory|Permission denied)$/,
];

const errorIn = (lines: readonly string[]): string | undefined => {
  for (const form of errorForms) {
    const at = lines.findIndex((line) => form.test(line));
    if (at >= 0) return oneLine(withPlace(lines, at), 240);
  }
  return undefined;
};

/** eslint names the file on a line above, rustc on the next one; node's diagnostics and panics of Rust continue. */
const withPlace = (lines: readonly string[], at: number): string => {
  const line = lines[at] ?? '';
  if (/^\s+\d+:\d+\s+error\s/.test(line)) {
    const file = lines.slice(0, at).findLast((one) => /^\S/.test(one));
    return file === undefined ? line : `${file}:${line.trim()}`;
  }
  const next = lines[at + 1] ?? '';
  const biome = /^(\S+:\d+:\d+ (?:lint|parse|format|assist|organizeImports)\S*).*━━/.exec(line)?.[1];
  if (biome !== undefined) {
    const said = lines.slice(at + 1, at + 8).find((one) => /^\s+[×✖!i] \S/.test(one));
    return said === undefined ? biome : `${biome}: ${said.trim().slice(2)}`;
  }
  // Newer toolchains add the id of the thread, which is another one each time.
  if (line.startsWith("thread '")) return `${line.replace(/' \(\d+\) /, "' ")} ${next.trim()}`;
  if (/^\s*--> \S+:\d+:\d+/.test(next)) return `${next.trim().slice(4)}: ${line}`;
  if (/^\s*(error|message): [|'"]-?\s*$/.test(line)) return `${line.trim()} ${next.trim()}`;
  return line;
};
