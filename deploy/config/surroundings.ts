import { homedir } from 'node:os';

/** What the configuration takes from around it. */
export interface Surroundings {
  /** Only `GASTOWN_HOME` and `XDG_STATE_HOME` are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The person's own folder, for `~`. */
  readonly homedir: string;
  /** The time zone of this machine. */
  readonly timeZone: string;
}

/** This process, this user and this machine. */
export const here = (): Surroundings => ({
  env: process.env,
  homedir: homedir(),
  // Asked for when needed: it loads 40 ms of tables.
  get timeZone() {
    return new Intl.DateTimeFormat().resolvedOptions().timeZone;
  },
});
