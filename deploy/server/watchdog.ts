import { spawn } from 'node:child_process';

/**
 * Ends a process when this one dies, whichever way: a shell waits on a pipe of which only we hold the other end, and
 * the system closes that end even after SIGKILL. Linux could tell the child itself (PR_SET_PDEATHSIG), macOS cannot.
 * The pipe is closed on exec, so no other child of ours keeps it open. Returns a function that calls the watch off.
 */
export const endWithUs = (pid: number): (() => void) => {
  const watchdog = spawn('/bin/sh', ['-c', script, 'gastown-watchdog', String(pid)], {
    // Its own group: Ctrl-C in the terminal must reach neither it nor what it watches.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env['PATH'] },
  });
  watchdog.on('error', () => undefined);
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  // A socket to the loop: must not keep a finished program alive.
  (watchdog.stdin as unknown as { unref(): void }).unref();
  return () => watchdog.stdin.end('off\n');
};

/** TERM first, so that a database is closed in order; KILL for what does not listen. */
const script = `
read -r word && exit 0
kill -TERM "$1" 2>/dev/null || exit 0
i=0
while [ $i -lt 100 ] && kill -0 "$1" 2>/dev/null; do sleep 0.1; i=$((i + 1)); done
kill -KILL "$1" 2>/dev/null
`;
