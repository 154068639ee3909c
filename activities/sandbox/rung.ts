/** One way of keeping repository commands away from the machine, as found on this one. */
export interface Rung {
  readonly name: 'bubblewrap' | 'unshare' | 'none';
  /** What it keeps apart, one line for people. */
  readonly isolates: string;
  /** The tool's path; empty for `none`. */
  readonly tool: string;
  /** util-linux only: whether it needs a user namespace of its own (always, unless run by root where they are forbidden). */
  readonly userNamespace: boolean;
}

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
