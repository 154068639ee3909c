import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSandboxed, type SandboxResult, type SandboxRun } from '../../../activities/sandbox/run.ts';
import type { Rung } from '../../../activities/sandbox/rung.ts';

/** A town's home as a gate meets it: a bare repository, the tree of its bead, and the tree of another. */
export interface Place {
  readonly town: string;
  readonly tree: string;
  readonly other: string;
  readonly repo: string;
  readonly run: (
    rung: Rung,
    command: SandboxRun['command'],
    more?: Partial<SandboxRun>,
  ) => Promise<SandboxResult>;
  /** Runs a program for Node. */
  readonly node: (rung: Rung, program: string, more?: Partial<SandboxRun>) => Promise<SandboxResult>;
  readonly remove: () => void;
}

export const openPlace = (): Place => {
  const town = realpathSync(mkdtempSync(join(tmpdir(), 'gastown-escape-')));
  const tree = join(town, 'rigs', 'r', 'worktrees', 'c', 'e', 'b');
  const other = join(town, 'rigs', 'r', 'worktrees', 'c', 'e', 'other');
  const repo = join(town, 'rigs', 'r', 'repo.git');
  for (const folder of [tree, other, join(repo, 'worktrees', 'b'), join(repo, 'hooks')]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(join(repo, 'config'), 'bare');
  writeFileSync(join(tree, '.git'), `gitdir: ${repo}/worktrees/b\n`);
  writeFileSync(join(other, 'work.txt'), 'work of another');
  writeFileSync(join(town, 'town.json'), 'the town');
  const run: Place['run'] = (rung, command, more = {}) =>
    runSandboxed({
      ...{ rung, command, cwd: tree, writable: [tree], readOnly: [repo], hidden: [town] },
      ...{ scratch: join(town, 'scratch'), network: false, timeoutMs: 30_000, ...more },
    });
  return {
    ...{ town, tree, other, repo, run },
    node: (rung, program, more) => run(rung, [process.execPath, '-e', program], more),
    remove: () => rmSync(town, { recursive: true, force: true }),
  };
};
