import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './repository.mjs';

export interface ToolRun {
  readonly status: number;
  /** Both streams, with the tool's own colours. */
  readonly output: string;
  readonly ms: number;
}

/** Runs a program of an installed package by this very Node, and keeps what it says. Never rejects. */
export const runTool = async (name: string, bin: string, args: readonly string[]): Promise<ToolRun> => {
  const started = performance.now();
  const child = spawn(process.execPath, [toolPath(name, bin), ...args], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const status = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
  return { status, output, ms: performance.now() - started };
};

/** Runs it in our terminal. Resolves with its exit status. */
export const showTool = async (name: string, bin: string, args: readonly string[]): Promise<number> => {
  const child = spawn(process.execPath, [toolPath(name, bin), ...args], {
    cwd: repository,
    stdio: 'inherit',
  });
  // In a terminal Ctrl-C reaches the tool as well, which then ends in its own order; killed from outside, it would not know.
  const forward = (signal: NodeJS.Signals) =>
    void (process.stdin.isTTY && signal === 'SIGINT' ? true : child.kill(signal));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, forward);
  return await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
};

/** Asked of the package itself: the links in `.bin` would start whichever `node` is first on PATH. */
const toolPath = (name: string, bin: string): string => {
  const folder = join(repository, 'node_modules', name);
  const { bin: bins } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const path = typeof bins === 'string' ? bins : bins[bin];
  if (path === undefined) throw new Error(`${name} has no program ${bin}`);
  return join(folder, path);
};
