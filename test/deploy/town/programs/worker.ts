/** A stand-in for a worker process: ready at once, drains on SIGTERM or when its supervisor is gone. */
import { spawn } from 'node:child_process';
import { tether } from '../../../../deploy/town/tether.ts';

const [mode] = process.argv.slice(2);
const alive = setInterval(() => {}, 60_000);
const drain = (): void => {
  if (mode === 'stubborn') return;
  console.error('draining');
  clearInterval(alive);
  process.exit(0);
};
process.on('SIGTERM', drain);
tether(drain);
if (mode === 'stubborn') {
  // With a gate: a process group of its own below the worker.
  const gate = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  console.error(JSON.stringify({ level: 30, msg: 'gate', gate: gate.pid }));
}
console.log(JSON.stringify({ ready: true, pid: process.pid }));
