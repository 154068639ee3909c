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
  /^\s+\d+:\d+\s+error\s+.+/,
  /^\S+:\d+:\d+ (lint|parse|format)\S*.*/,
  /^E {3,}\S.+/,
  /^\s*(Uncaught )?\w*(Error|Exception)( \[\w+\])?: .+/,
  /^\s*(error|message): ['"|].+/,
  /^panic: .+/,
  /^thread '.*' panicked at .+/,
  /^npm (?:error|ERR!) Missing script: .+/,
  /^\s*\[?(error|fatal)\]?[:!] ?.+/i,
  /^.*\b(error|fatal)\b: .+/i,
  /^.*: (not found|No such file or directory|Permission denied)$/,
];

const errorIn = (lines: readonly string[]): string | undefined => {
  for (const form of errorForms) {
    const at = lines.findIndex((line) => form.test(line));
    if (at >= 0) return oneLine(withPlace(lines, at), 240);
  }
  return undefined;
};

/** eslint names the file on a line above, rustc on the next one, and node's diagnostics continue in a block. */
const withPlace = (lines: readonly string[], at: number): string => {
  const line = lines[at] ?? '';
  if (/^\s+\d+:\d+\s+error\s/.test(line)) {
    const file = lines.slice(0, at).findLast((one) => /^\S/.test(one));
    return file === undefined ? line : `${file}:${line.trim()}`;
  }
  const next = lines[at + 1] ?? '';
  if (/^\s*--> \S+:\d+:\d+/.test(next)) return `${next.trim().slice(4)}: ${line}`;
  if (/^\s*(error|message): [|'"]-?\s*$/.test(line)) return `${line.trim()} ${next.trim()}`;
  return line;
};
