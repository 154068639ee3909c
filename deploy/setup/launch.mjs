import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { problem } from './problem.mjs';

/** Runs a script with the given Node as if it were us: same terminal, its signals, its end. Resolves when it has ended. */
export const launch = async (node, args, env = {}) => {
  const child = spawn(node, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env, PATH: pathWith(node) },
  });
  const forward = (signal) => {
    // The terminal has sent it to the child as well; a second one would mean "at once".
    if (signal === 'SIGINT' && [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY))
      return;
    child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  const { code, signal } = await new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', (error) => reject(cannotRun(node, error)));
  });
  for (const signal of forwarded) process.off(signal, forward);
  if (signal === null) process.exitCode = code;
  // Die of the same signal, so that whoever waits for us sees what happened.
  else process.kill(process.pid, signal);
};

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Programs that begin with `#!/usr/bin/env node` must find the same Node. */
const pathWith = (node) =>
  node === process.execPath
    ? process.env.PATH
    : [dirname(node), process.env.PATH].filter(Boolean).join(delimiter);

const cannotRun = (node, error) =>
  problem({
    what: 'The Node among the installed packages does not run on this machine.',
    evidence: `${node}: ${error.message}`,
    next: 'Install Node 24 (https://nodejs.org/en/download); the packaged one needs Linux with glibc.',
  });
