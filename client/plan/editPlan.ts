import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TownConfig } from '../../deploy/config/index.ts';
import { faultsText, InputRejected } from '../../deploy/input/rejected.ts';
import { parsePlan } from '../../deploy/plan/index.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';

/** What a person made of a plan in their editor, and what is wrong with it. */
export interface Edited {
  readonly text: string;
  readonly changed: boolean;
  readonly fault: InputRejected | undefined;
}

/** Opens a plan in $VISUAL or $EDITOR and waits for its end. Throws when no editor can be run, or it failed. */
export const editPlan = async (
  config: TownConfig,
  convoy: string,
  text: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Edited> => {
  const editor =
    [env['VISUAL'], env['EDITOR']].find((one) => one !== undefined && one.trim() !== '') ?? vi(convoy);
  const folder = await mkdtemp(join(tmpdir(), 'gt-plan-'));
  const file = join(folder, `${convoy}.yaml`);
  try {
    await writeFile(file, text);
    await run(editor, file);
    const after = await readFile(file, 'utf8');
    return { text: after, changed: after !== text, fault: faultOf(after, file, config) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Without a setting it is vi, which in a pipe would write its screen into what somebody reads. */
const vi = (convoy: string): string => {
  if (process.stdin.isTTY === true && process.stdout.isTTY === true) return 'vi';
  throw new ClientError(exitCode.badInput, {
    type: 'NeedsTerminal',
    what: 'There is no terminal to edit the plan on.',
    evidence: 'neither VISUAL nor EDITOR is set, and standard input or output is not a terminal',
    next: `gt plan show ${convoy} --yaml > better.yaml; change it; gt plan edit ${convoy} --file better.yaml`,
  });
};

/** What is wrong with an edited plan, for its person to see at once. */
export const faultOf = (text: string, file: string, config: TownConfig): InputRejected | undefined => {
  try {
    parsePlan(text, file, config);
    return;
  } catch (error) {
    if (error instanceof InputRejected) return error;
    throw error;
  }
};

/** The mistakes without the name of a file that is gone. */
export const faultLines = (fault: InputRejected): readonly string[] =>
  faultsText(fault.faults)
    .replaceAll(/^\S*\//gm, '')
    .split('\n');

/** As git does it: the setting may hold arguments, so a shell takes it apart; the file's name is no part of the script. */
const run = async (editor: string, file: string): Promise<void> => {
  const child = spawn('sh', ['-c', `${editor} "$1"`, 'editor', file], { stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('exit', resolve);
  });
  if (code === 0) return;
  throw new ClientError(exitCode.failed, {
    type: 'EditorFailed',
    what: 'The editor did not end well, so the plan stays as it was.',
    evidence: `${editor}: exit status ${code ?? 'none'}`,
    next: 'Set EDITOR to an editor that waits until the file is closed, for example EDITOR=nano or EDITOR="code --wait".',
  });
};
