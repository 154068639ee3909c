import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isIll, isWell } from '../../workflows/domain/finding.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { townVersion } from '../town/version.ts';
import type { Diagnosis } from './patient.ts';

/** The first git with `merge-tree --write-tree` as the Refinery uses it. */
const oldestGit = [2, 38] as const;

/** The programs without which nothing goes: this Node has come this far, so it is told for the record. */
export async function* checkPrograms(): AsyncGenerator<Diagnosis> {
  const version = await townVersion();
  yield isWell(
    'node',
    `${process.versions.node} on ${process.platform} ${process.arch}`,
    `gastown ${version}`,
  );
  yield await checkGit();
}

const checkGit = async (): Promise<Diagnosis> => {
  const install = 'Install git 2.38 or newer: https://git-scm.com/downloads';
  try {
    const { stdout } = await promisify(execFile)('git', ['version'], { timeout: 10_000 });
    const said = oneLine(stdout);
    const [, major, minor] = (/(\d+)\.(\d+)/.exec(said) ?? []).map(Number);
    return isOlder([major ?? 0, minor ?? 0], oldestGit)
      ? isIll('git', { what: 'git is too old.', evidence: said, fix: install })
      : isWell('git', said.replace(/^git version /, ''));
  } catch (error) {
    const evidence = error instanceof Error ? error.message : String(error);
    return isIll('git', { what: 'git does not run.', evidence, fix: install });
  }
};

export const isOlder = (
  [major, minor]: readonly [number, number],
  [needed, least]: readonly [number, number],
): boolean => major < needed || (major === needed && minor < least);
