/**
 * Ends a child when its supervisor is gone. The supervisor holds the other end of this process's stdin and writes
 * nothing to it; the system closes it when the supervisor dies, even by SIGKILL. Call it once, early, with what SIGTERM
 * does. A process that a person started by hand on a terminal is not tethered.
 */
export const tether = (gone: () => void): void => {
  // With nobody reading, a line to stdout or stderr fails: that must not end the drain that is under way.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  if (process.stdin.isTTY) return;
  process.stdin.on('error', gone).once('end', gone).resume();
  // Reading must not keep a process alive that has nothing left to do.
  (process.stdin as { unref?: () => void }).unref?.();
};
