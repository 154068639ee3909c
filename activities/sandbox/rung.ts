/** One way of keeping repository commands away from the machine, as found on this one. */
export interface Rung {
  readonly name: 'bubblewrap' | 'unshare' | 'sandbox-exec' | 'none';
  /** What it keeps apart, one line for people. */
  readonly isolates: string;
  /** The tool's path; empty for `none`. */
  readonly tool: string;
  /** util-linux only: whether it needs a user namespace of its own (always, unless run by root where they are forbidden). */
  readonly userNamespace: boolean;
}

/** Whether its commands live in a process namespace, with whose first process the kernel ends them all. */
export const hasOwnProcesses = ({ name }: Rung): boolean => name === 'bubblewrap' || name === 'unshare';

/** No isolation but a scrubbed environment and a process group of its own. */
export const bareRung: Rung = {
  name: 'none',
  isolates:
    'nothing but a scrubbed environment and a process group of its own: commands see your files and network',
  tool: '',
  userNamespace: false,
};

export const bubblewrapRung = (tool: string): Rung => ({
  name: 'bubblewrap',
  isolates:
    'bubblewrap: files read-only or hidden except the tree, no network but a loopback of its own, own processes',
  tool,
  userNamespace: false,
});

export const unshareRung = (tool: string, userNamespace: boolean): Rung => ({
  name: 'unshare',
  isolates:
    'util-linux unshare: files read-only or hidden except the tree, no network but a loopback of its own, own processes',
  tool,
  userNamespace,
});

/** macOS. Processes are not kept apart, and a loopback of its own does not exist there. */
export const seatbeltRung = (tool: string): Rung => ({
  name: 'sandbox-exec',
  isolates:
    'sandbox-exec: files read-only or hidden except the tree, no network; processes and memory are not kept apart',
  tool,
  userNamespace: false,
});
