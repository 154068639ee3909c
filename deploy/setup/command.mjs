import { spawn } from 'node:child_process';

/**
 * Runs a program to its end and never rejects: `status` is null when it could not be started, was killed or took
 * longer than `timeoutMs`; `output` is what it said on both streams.
 * @returns {Promise<{status: number | null, output: string}>}
 */
export const command = (program, args, { cwd, env, timeoutMs } = {}) =>
  new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const callOff = endWithUs(child);
    let output = '';
    const take = (chunk) => {
      output = (output + chunk).slice(-64_000);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const done = (result) => {
      callOff();
      resolve(result);
    };
    child.on('error', (error) => done({ status: null, output: error.message }));
    child.on('close', (status, signal) =>
      done({ status, output: signal === null ? output : `${output}\nended by ${signal}` }),
    );
  });

/** A set-up that is ended takes its program along: a build would go on for minutes with nobody waiting for it. */
const endWithUs = (child) => {
  const end = (signal) => {
    child.kill('SIGTERM');
    callOff();
    process.kill(process.pid, signal);
  };
  const callOff = () => {
    for (const signal of ending) process.off(signal, end);
  };
  for (const signal of ending) process.on(signal, end);
  return callOff;
};

const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'];
